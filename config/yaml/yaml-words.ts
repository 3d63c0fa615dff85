/** What is wrong with the form of a YAML text, in plain words, at the place where it is mended. Pure. */
import { type Document, type ErrorCode, isCollection, isScalar, visit, type YAMLError } from 'yaml'

/** What is wrong, where in the text, and what to do about it. */
export interface SyntaxFault {
  readonly offset: number
  readonly message: string
  readonly hint: string
}

type Words = readonly [message: string, hint: string]

const QUOTE_IT: Words = ['a plain value cannot begin like this', 'put quotes around the value']
const REMOVE_IT = 'remove it, or put quotes around the whole value'
const NO_COLON: Words = ['no colon behind this key', 'put a colon and a space behind the key']

const WORDS: Readonly<Record<ErrorCode, Words>> = {
  ALIAS_PROPS: ['an alias (*name) takes no anchor and no tag', 'remove them'],
  BAD_ALIAS: ['an alias (*) needs a name', 'put quotes around a value that begins with * or &'],
  BAD_COLLECTION_TYPE: ['a tag that does not fit what is behind it', 'remove the tag (the word that begins with !)'],
  BAD_DIRECTIVE: ['a line that begins with % is an order to the reader of the file', 'remove the line'],
  BAD_DQ_ESCAPE: [
    '\\ and the letter behind it mean nothing here',
    'use single quotes: in them \\ is a plain character',
  ],
  BAD_INDENT: ['not in line with the keys of its section', 'give all keys of one section the same indent'],
  BAD_PROP_ORDER: ['an anchor or a tag stands in the wrong place', 'remove it'],
  BAD_SCALAR_START: QUOTE_IT,
  BLOCK_AS_IMPLICIT_KEY: [
    'a second colon or dash stands in this value',
    'put quotes around the value, or the nested keys on lines of their own, indented',
  ],
  BLOCK_IN_FLOW: ['lines that are indented cannot stand within brackets', 'write all of it in brackets, or none'],
  DUPLICATE_KEY: ['the same key stands here twice', 'keep one of the two'],
  IMPOSSIBLE: ['the text cannot be read from here on', 'see docs/config.md for an example'],
  KEY_OVER_1024_CHARS: ['a key has more than 1,024 characters', 'put quotes around the value that was meant'],
  MISSING_CHAR: NO_COLON,
  MULTILINE_IMPLICIT_KEY: NO_COLON,
  MULTIPLE_ANCHORS: ['two anchors (&name) stand here', 'keep one of the two'],
  MULTIPLE_DOCS: ['a second document begins here', 'keep one document: remove the line ---'],
  MULTIPLE_TAGS: ['two tags (!name) stand here', 'remove them'],
  NON_STRING_KEY: ['a key is no text', 'put quotes around the key'],
  RESOURCE_EXHAUSTION: ['the file is more than can be read', 'write the file without aliases'],
  TAB_AS_INDENT: ['a tab stands where only spaces may', 'indent with spaces, not with tabs'],
  TAG_RESOLVE_FAILED: ['this tag is not known', 'remove the tag (the word that begins with !)'],
  UNEXPECTED_TOKEN: ['this does not belong here', REMOVE_IT],
}

/** Complaints that a line with the wrong indent calls forth, in the wrong place as a rule. */
const CALLED_BY_INDENT: readonly ErrorCode[] = [
  'BAD_INDENT',
  'BLOCK_AS_IMPLICIT_KEY',
  'MISSING_CHAR',
  'MULTILINE_IMPLICIT_KEY',
]

/** All faults of a text; where one of them explains the others, that one. */
export function syntaxFaults(text: string, document: Document): readonly SyntaxFault[] {
  const errors: readonly YAMLError[] = [...document.errors, ...document.warnings]
  const unclosed = errors.some(({ message }) => UNCLOSED.test(message)) ? lastUnclosed(text, document) : undefined
  if (unclosed !== undefined) return [unclosed]
  const lines = text.split('\n')
  const faults: SyntaxFault[] = []
  let told = -1
  for (const { code, message, pos } of errors) {
    const line = text.slice(0, pos[0]).split('\n').length - 1
    if (line === told) continue // a second complaint about one line is an echo of the first
    told = line
    const misplaced = CALLED_BY_INDENT.includes(code) ? misplacedLine(lines, line) : undefined
    if (misplaced !== undefined) return [...faults, misplaced]
    faults.push({ offset: pos[0], ...wordsFor(code, message, text.slice(pos[0])) })
  }
  return faults
}

function wordsFor(code: ErrorCode, message: string, from: string): Pick<SyntaxFault, 'message' | 'hint'> {
  if (/^-[^\s-]/.test(from))
    return { message: 'no blank behind the dash', hint: 'put a blank behind the dash of an item' }
  if (code === 'TAG_RESOLVE_FAILED')
    return { message: `the tag ${/: (\S+)/.exec(message)?.[1] ?? ''} is not known`, hint: WORDS[code][1] }
  const [words, hint] = WORDS[code]
  return { message: words, hint }
}

const UNCLOSED = /^Missing closing .quote|must .*end with a [\]}]/

/** The last quote or bracket that nothing closes: the parser tells the end of the text instead. */
function lastUnclosed(text: string, document: Document): SyntaxFault | undefined {
  let found: SyntaxFault | undefined
  visit(document, (_, node) => {
    const quoted = isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE')
    if (!quoted && !(isCollection(node) && node.flow === true)) return
    const [from, to] = node.range ?? [0, 0]
    const opening = text[from] ?? ''
    const closing = { '[': ']', '{': '}' }[opening] ?? opening
    if (to - from > 1 && text[to - 1] === closing) return
    const what = quoted ? 'quote' : 'bracket'
    found = { offset: from, message: `this ${what} ${opening} is not closed`, hint: `close it with ${closing}` }
  })
  return found
}

/** What begins a line that holds something, and whether lines that are indented deeper may follow it. */
interface LineForm {
  readonly indent: number
  /** Where keys of a section that begins within the line stand: behind the dashes of `- name: x`. */
  readonly inner: number
  readonly opens: boolean
  /** A word and no more: what is below it misses a colon, not an indent. */
  readonly bare: boolean
}

function formOf(line: string): LineForm | undefined {
  const content = line.replace(/\s+#.*$/, '').trimEnd()
  if (content.trim() === '' || content.trimStart().startsWith('#')) return undefined
  const indent = content.length - content.trimStart().length
  const dashes = /^(?:-\s+)+/.exec(content.trimStart())?.[0].length ?? 0
  return {
    indent,
    inner: indent + dashes,
    opens: /(?:[:[{,]|(?:^|\s)-|[|>][+-]?\d?)$/.test(content),
    bare: !/[:-]/.test(content),
  }
}

/**
 * The line at or behind `at` (counted from 0) whose indent fits none of the lines above it, if that is what is wrong
 * there.
 */
function misplacedLine(lines: readonly string[], at: number): SyntaxFault | undefined {
  let open: number[] = []
  let before: LineForm | undefined
  for (const [i, line] of lines.slice(0, at + 2).entries()) {
    const form = formOf(line)
    if (form === undefined) continue
    const last = open.at(-1)
    const fits =
      last === undefined || before === undefined || open.includes(form.indent) || (form.indent > last && before.opens)
    if (!fits && i >= at && before?.bare === true) return undefined
    if (!fits && i >= at) return misplaced(lines, i, form.indent, nearestTo(form.indent, open))
    open = [...open.filter((indent) => indent < form.indent), form.indent]
    if (form.inner > form.indent) open.push(form.inner)
    before = form
  }
  return undefined
}

function misplaced(lines: readonly string[], i: number, indent: number, meant: number): SyntaxFault {
  const offset = lines.slice(0, i).reduce((sum, line) => sum + line.length + 1, 0) + indent
  return {
    offset,
    message: `indented by ${indent}, where the lines that it belongs to are by ${meant}`,
    hint: WORDS.BAD_INDENT[1],
  }
}

function nearestTo(indent: number, all: readonly number[]): number {
  return all.reduce((best, one) => (Math.abs(one - indent) <= Math.abs(best - indent) ? one : best), all[0] ?? 0)
}
