/**
 * A section of a page as it can be read outside of it: lines are as long as the sense asks, so that a terminal or a
 * chat window breaks them once, and links that lead nowhere from there are their words. Pure.
 */

/** A line that continues nothing and is continued by nothing: of a table, a quote, a heading. */
const ALONE = /^\s*(?:\||>|#)/

/** Begins a paragraph of its own: an item of a list. */
const ITEM = /^\s*(?:[-*+]|\d+\.)\s/

/** Words of a link whose target lies in the repository. */
const LOCAL_LINK = /\[([^\]]+)\]\((?!https?:)[^)\s]*\)/g

/** A paragraph of links to its own page is a table of contents. */
const CONTENTS = /(?:\]\(#[^)]*\)[^[]*\[[^\]]*){2}\]\(#/

/** Code fences stay as they are. */
export function readableText(markdown: string): string {
  const paragraphs: string[] = []
  let open = false
  let fenced = false
  for (const line of markdown.split('\n')) {
    const fence = /^\s*(```|~~~)/.test(line)
    const alone = fenced || fence || line.trim() === '' || ALONE.test(line)
    if (open && !alone && !ITEM.test(line)) paragraphs.push(`${paragraphs.pop()?.trimEnd()} ${line.trim()}`)
    else paragraphs.push(line)
    if (fence) fenced = !fenced
    open = !alone && !fence
  }
  return paragraphs
    .filter((paragraph) => !CONTENTS.test(paragraph))
    .join('\n')
    .replaceAll(LOCAL_LINK, '$1')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
}
