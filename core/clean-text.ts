/**
 * Text of strangers (peers, engines, clients), made fit for terminals, logs and headers. Answers are content: see
 * `cleanLines`.
 */

/** Control characters, and the marks that turn the direction of writing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNFIT_IN_LINE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g

/** Control characters other than tab and line feed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNFIT_IN_LINES = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

/** `text` on one line, without control characters, of at most `maxLength` UTF-16 units. @default no limit */
export function cleanText(text: string, maxLength = Number.POSITIVE_INFINITY): string {
  return text.slice(0, maxLength).replace(UNFIT_IN_LINE, ' ').trim()
}

/** An answer, or a piece of one, for a terminal: control characters other than tabs and line feeds are taken out. */
export function cleanLines(text: string): string {
  return text.replace(UNFIT_IN_LINES, '')
}
