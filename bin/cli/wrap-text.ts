/** Text in lines that a terminal need not break. Pure. */

/**
 * `text` in lines of at most `width` characters, broken at blanks; a word that is longer stays whole, for it may be
 * meant for copying. At least one line.
 */
export function wrapText(text: string, width: number): readonly string[] {
  if (text.length <= width) return [text]
  const lines: string[] = []
  let line: string | undefined
  for (const word of text.split(' ')) {
    const longer: string = line === undefined ? word : `${line} ${word}`
    if (line === undefined || longer.length <= width) line = longer
    else {
      lines.push(line)
      line = word
    }
  }
  return [...lines, line ?? '']
}

/** A line of text, wrapped; what is below its first line is indented by `indent` columns. */
export function wrapLine(text: string, width: number, indent: number): string {
  const first = wrapText(text, width)[0] ?? ''
  const rest = text.slice(first.length + 1)
  if (rest === '') return first
  return [first, ...wrapText(rest, width - indent).map((line) => `${' '.repeat(indent)}${line}`)].join('\n')
}
