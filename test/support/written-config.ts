/** Texts of realms.yml as people write them: with comments everywhere, in brackets or not, indented as they like. */

/** A text, and the comments in it, each of which stands in it once. */
export interface WrittenText {
  readonly text: string
  readonly comments: readonly string[]
}

const CHANCE_OF_COMMENT = 0.4

/** Another text for each seed of `random`. It is always valid. */
export function writtenConfig(random: () => number): WrittenText {
  const comments: string[] = []
  const chance = (share: number): boolean => random() < share
  const comment = (): string => {
    comments.push(`# remark ${comments.length}: with "quotes", [brackets] and $CHAT`)
    return comments.at(-1) ?? ''
  }
  const step = chance(0.3) ? 4 : 2
  const dashIn = chance(0.5) ? step : 0
  const lines: string[] = []
  const line = (indent: number, text: string): void => {
    if (chance(CHANCE_OF_COMMENT / 2)) lines.push(`${' '.repeat(indent)}${comment()}`)
    if (chance(0.1)) lines.push('')
    lines.push(
      ' '.repeat(indent) + text + (chance(CHANCE_OF_COMMENT) ? `${chance(0.5) ? '   ' : ' '}${comment()}` : ''),
    )
  }
  const quoted = (text: string): string => (chance(0.3) ? `"${text}"` : chance(0.2) ? `'${text}'` : text)
  const count = (most: number): number => Math.floor(random() * (most + 1))

  const workers = Array.from({ length: count(3) }, (_, i) => `desk-${i}`)
  const sections: (() => void)[] = []
  if (chance(0.7)) {
    sections.push(() => {
      line(0, 'node:')
      if (chance(0.6)) line(step, `network: ${quoted('lab')}`)
      if (chance(0.5)) line(step, chance(0.5) ? 'mdns: false' : 'mdns:  true')
      if (chance(0.5)) line(step, 'listen: [ "/ip4/127.0.0.1/tcp/4501" , /ip4/127.0.0.1/tcp/4502 ]')
      line(step, `log_level: ${quoted('warn')}`)
    })
  }
  if (chance(0.8)) {
    sections.push(() => {
      line(0, 'realms:')
      const names = ['$CHAT', '$VISION', '$IMAGINE', '$EMBED'].slice(0, 1 + count(3))
      for (const name of names) {
        const type = name.slice(1).toLowerCase()
        if (chance(0.4)) line(step, `${quoted(name)}: {primary_query_type: ${type}, min_workers: ${count(2)}}`)
        else {
          line(step, `${quoted(name)}:`)
          line(step * 2, `primary_query_type: ${quoted(type)}`)
          if (chance(0.5)) line(step * 2, 'queue: {seconds: 12}')
          if (chance(0.5)) {
            line(step * 2, 'pools:')
            line(step * 3, `big-${type}: {strategy: random}`)
          }
        }
      }
    })
  }
  if (workers.length > 0) {
    sections.push(() => {
      line(0, 'workers:')
      for (const name of workers) {
        line(dashIn, `- name: ${quoted(name)}`)
        line(dashIn + 2, `engine: ${quoted('ollama')}`)
        line(dashIn + 2, 'url: http://127.0.0.1:11434')
        if (chance(0.3)) line(dashIn + 2, 'models: [llama3, "qwen*"]')
      }
    })
  } else if (chance(0.5)) sections.push(() => line(0, chance(0.5) ? 'workers: []' : 'workers:'))
  if (chance(0.3)) sections.push(() => line(0, 'discovery: {advertise_interval: 600}'))
  for (const write of shuffled(sections, random)) {
    if (chance(0.4)) lines.push('')
    write()
  }
  if (chance(0.5)) lines.push('', comment())
  const eol = chance(0.15) ? '\r\n' : '\n'
  return { text: lines.join(eol) + (chance(0.9) ? eol : ''), comments }
}

function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
