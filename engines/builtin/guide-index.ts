/**
 * The project's own documentation as searchable passages: what `builtin/guide` answers from. Reads files, and nothing
 * else.
 */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import MiniSearch from 'minisearch'
import { distinct, relevant } from './guide-relevance.ts'
import { readableText } from './guide-text.ts'

/** Pages outside docs/ that people would look into. */
const PAGES = ['README.md', 'ARCHITECTURE.md', 'engines/README.md'] as const

/** Pages for those who run a node stand before pages for those who build on it, by this factor. @default 1 */
const PAGE_WEIGHTS: Readonly<Record<string, number>> = {
  'docs/questions.md': 1.6,
  'docs/troubleshooting.md': 1.2,
  'README.md': 1.1,
  'docs/errors.md': 0.9,
  'ARCHITECTURE.md': 0.5,
  'docs/protocols.md': 0.5,
  'docs/scale.md': 0.5,
  'docs/topologies.md': 0.5,
}

/** What a reader of plain text cannot use: diagrams as code, and comments. */
const UNREADABLE = /^```mermaid\n[\s\S]*?^```$|<!--[\s\S]*?-->/gm

/** One section of a page. */
export interface Passage {
  readonly id: number
  /** Path of the page from the package's root, with forward slashes. */
  readonly page: string
  /** The headings that lead to it, outermost first. */
  readonly heading: string
  readonly text: string
}

export interface GuideIndex {
  /**
   * The passages that are about the question, best first; one when it fits clearly, none when the pages say nothing
   * about it.
   */
  search(question: string, limit: number): readonly Passage[]
}

/** The folder that holds package.json: from the sources it is two folders up, from `dist/` one more. */
export function packageRoot(from: string = fileURLToPath(import.meta.url)): string {
  for (let folder = dirname(from); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder
  }
  return dirname(from)
}

/** Cuts a page at its headings. Code fences are kept whole, diagrams left out; a `#` inside a fence is no heading. */
export function passagesOf(page: string, markdown: string): readonly Omit<Passage, 'id'>[] {
  const passages: Omit<Passage, 'id'>[] = []
  const trail: string[] = []
  let lines: string[] = []
  let fenced = false
  const close = (): void => {
    const text = readableText(lines.join('\n'))
    if (text !== '') passages.push({ page, heading: trail.filter(Boolean).join(' > '), text })
    lines = []
  }
  for (const line of markdown.replaceAll(UNREADABLE, '').split('\n')) {
    if (/^\s*(```|~~~)/.test(line)) fenced = !fenced
    const heading = fenced ? null : /^(#{1,4})\s+(.*)$/.exec(line)
    if (heading === null) {
      lines.push(line)
      continue
    }
    close()
    trail.length = (heading[1]?.length ?? 1) - 1
    trail.push(heading[2]?.trim() ?? '')
  }
  close()
  return passages
}

async function pagesBelow(root: string): Promise<readonly string[]> {
  const docs = join(root, 'docs')
  const inDocs = existsSync(docs) ? await readdir(docs, { recursive: true }) : []
  const listed = inDocs.filter((name) => name.endsWith('.md')).map((name) => `docs/${name.replaceAll('\\', '/')}`)
  return [...PAGES, ...listed.sort()].filter((page) => existsSync(join(root, page)))
}

/** A passage's own heading says what it is about; those above it only where it stands. */
const FIELDS: Readonly<Record<string, (passage: Passage) => string | number>> = {
  id: ({ id }) => id,
  heading: ({ heading }) => heading.split(' > ').at(-1) ?? '',
  above: ({ heading }) => heading.split(' > ').slice(0, -1).join(' '),
  text: ({ text }) => text,
}

/** Reads and indexes the pages below `root`. */
export async function buildGuideIndex(root: string): Promise<GuideIndex> {
  const pages = await pagesBelow(root)
  const texts = await Promise.all(pages.map((page) => readFile(join(root, page), 'utf8')))
  const passages = pages
    .flatMap((page, i) => passagesOf(page, texts[i] ?? ''))
    .map((passage, id): Passage => ({ id, ...passage }))
  const index = new MiniSearch<Passage>({
    fields: ['heading', 'above', 'text'],
    extractField: (passage, name) => FIELDS[name]?.(passage),
    processTerm: (term) => guideWord(term) ?? false,
    searchOptions: {
      boost: { heading: 3, above: 0.8 },
      prefix: (term) => term.length > 3,
      fuzzy: (term) => (term.length > 5 ? 0.2 : false),
      boostDocument: (id: number) => PAGE_WEIGHTS[passages[id]?.page ?? ''] ?? 1,
    },
  })
  index.addAll(passages)
  return {
    search: (question, limit) =>
      distinct(
        relevant(index.search(question), wordsOf(question), passages.length).flatMap(
          ({ id }) => passages[id as number] ?? [],
        ),
        ({ text }) => wordsOf(text),
      ).slice(0, limit),
  }
}

/** As the index cuts and forms them. */
function wordsOf(text: string): readonly string[] {
  const cut: readonly string[] = MiniSearch.getDefault('tokenize')(text)
  return [...new Set(cut.flatMap((word) => (word === '' ? [] : (guideWord(word) ?? []))))]
}

/** Words that stand in questions about anything: matched, they would make every passage look like an answer. */
const EMPTY_WORDS: ReadonlySet<string> = new Set(
  `a about all am an and any are as at be because been but by can could did do does doing for from get give go had has have he hello her
  here hey hi him his how i if in into is it its just let like many may me mean more most much must my no not of on only or our out please say set
  shall she should so some such tell than thank thanks that the their them then there these they this those to too up us very was we were
  what when where which who whom whose why will with would write yes you your`.split(/\s+/),
)

/**
 * A word as it is indexed and searched for, in lower case and without an `s` at its end; undefined for what carries no
 * meaning.
 */
export function guideWord(word: string): string | undefined {
  const lower = word.toLowerCase()
  if (EMPTY_WORDS.has(lower)) return undefined
  return lower.length > 3 ? lower.replace(/(?<!s)s$/, '') : lower
}
