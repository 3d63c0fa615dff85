/** Short texts of peers, made fit for terminals, logs and headers. Answers themselves are content and are never touched. */

/** Control characters, and the marks that turn the direction of writing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNFIT = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g

/** `text` on one line, without control characters, of at most `maxLength` UTF-16 units. */
export function cleanText(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replace(UNFIT, ' ').trim()
}
