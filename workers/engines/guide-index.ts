/** The project's own documentation as searchable passages: what `builtin/guide` answers from. Reads files, and nothing else. */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import MiniSearch from 'minisearch'

/** Pages outside docs/ that people would look into. */
const PAGES = ['README.md', 'ARCHITECTURE.md', 'workers/README.md'] as const

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
  /** The best passages for a question, best first; empty when no word of it occurs. */
  search(question: string, limit: number): readonly Passage[]
}

/** The folder that holds package.json: from the sources it is two folders up, from `dist/` one more. */
export function packageRoot(from: string = fileURLToPath(import.meta.url)): string {
  for (let folder = dirname(from); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder
  }
  return dirname(from)
}

/** Cuts a page at its headings. Code fences are kept whole; a `#` inside one is no heading. */
export function passagesOf(page: string, markdown: string): readonly Omit<Passage, 'id'>[] {
  const passages: Omit<Passage, 'id'>[] = []
  const trail: string[] = []
  let lines: string[] = []
  let fenced = false
  const close = (): void => {
    const text = lines.join('\n').trim()
    if (text !== '') passages.push({ page, heading: trail.filter(Boolean).join(' > '), text })
    lines = []
  }
  for (const line of markdown.split('\n')) {
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

/** Reads and indexes the pages below `root`. */
export async function buildGuideIndex(root: string): Promise<GuideIndex> {
  const pages = await pagesBelow(root)
  const texts = await Promise.all(pages.map((page) => readFile(join(root, page), 'utf8')))
  const passages = pages
    .flatMap((page, i) => passagesOf(page, texts[i] ?? ''))
    .map((passage, id): Passage => ({ id, ...passage }))
  const index = new MiniSearch<Passage>({
    fields: ['heading', 'text'],
    searchOptions: {
      boost: { heading: 2 },
      prefix: (term) => term.length > 3,
      fuzzy: (term) => (term.length > 5 ? 0.2 : false),
    },
  })
  index.addAll(passages)
  return {
    search: (question, limit) =>
      index
        .search(question)
        .slice(0, limit)
        .flatMap(({ id }) => passages[id as number] ?? []),
  }
}
