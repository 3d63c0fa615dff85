/**
 * What an answer may be in RENT-A-HAL's page: it puts text into its markup as it is, but for fences of code, which it
 * escapes itself. Answers are written by machines of strangers, so all that stands outside of fences is escaped here.
 */

/** The page's own pattern of a fence. */
const FENCE = /```(\w+)?\n([\s\S]*?)```/g

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as markup that shows it. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? mark)
}

/** An answer as the page may have it: fences as they are, the rest escaped. */
export function safeAnswer(text: string): string {
  let safe = ''
  let at = 0
  for (const fence of text.matchAll(FENCE)) {
    safe += escapeMarkup(text.slice(at, fence.index)) + fence[0]
    at = fence.index + fence[0].length
  }
  return safe + escapeMarkup(text.slice(at))
}
