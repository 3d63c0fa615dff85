/** The project's Markdown files, and what tests take from them. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

const NO_PAGES = new Set(['node_modules', 'dist', 'coverage', '.git', 'results'])

/** Every Markdown file of the repository, as a path from its root. */
export function markdownFiles(folder = ''): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return NO_PAGES.has(entry.name) || entry.name.startsWith('.') ? [] : markdownFiles(path)
    return entry.name.endsWith('.md') ? [path] : []
  })
}

export function page(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

/** A page without its fenced blocks and its code spans: what is left is text and links. */
export function proseOf(markdown: string): string {
  return markdown.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '').replaceAll(/`[^`\n]*`/g, '')
}

/** The fenced blocks that stand behind `<!-- tested: NAME -->`, by name. */
export function testedBlocks(markdown: string): ReadonlyMap<string, string> {
  const blocks = markdown.matchAll(/<!-- tested: ([a-z]+) -->\n```[a-z]*\n([\s\S]*?)^```/gm)
  return new Map([...blocks].map(([, name = '', text = '']) => [name, text]))
}

/** The anchors that GitHub makes of a page's headings. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const headings = markdown.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '').matchAll(/^#{1,6}\s+(.*)$/gm)
  const slug = (text: string): string =>
    text
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-')
  return new Set([...headings].map(([, text = '']) => slug(text)))
}
