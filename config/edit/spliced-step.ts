/**
 * One step, done by cutting the text and putting something between: every byte that the step is not about stays. Knows
 * maps and lists on lines of their own, and those in brackets on one line; all else it leaves to others.
 */
import { Document, isCollection, isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml'
import type { ConfigPath } from '../config-path.ts'
import type { ValueStep } from './value-steps.ts'
import { blockText, flowText, isInline, parseText } from './yaml-text.ts'

/** The text is written in a way that this file does not know. */
export class NotSpliced extends Error {}

type Collection = YAMLMap<Node, Node | null> | YAMLSeq<Node>

/** Blanks by which a section is indented under its key. */
const INDENT = 2

/** `text` with the step done. Throws `NotSpliced`. The caller looks whether it says what was meant. */
export function splicedStep(text: string, step: ValueStep): string {
  return new Splice(text).take(step)
}

class Splice {
  readonly #text: string
  readonly #root: Node | null

  constructor(text: string) {
    this.#text = text
    this.#root = parseText(text).contents
  }

  take(step: ValueStep): string {
    const brackets = this.#brackets(step)
    if (brackets !== undefined) return this.#inBrackets(step, brackets)
    if (step.kind === 'append') return this.#append(this.#listAt(step.path), step.value)
    const [around, key] = this.#aroundOf(step.path)
    if (step.kind === 'remove') return this.#remove(step.path, around, key)
    if (around === null) return this.#cut(this.#text.length, this.#text.length, blockText({ [key]: step.value }, 0))
    return this.#set(around, key, step.value)
  }

  #set(around: Collection, key: string | number, value: unknown): string {
    if (isSeq(around)) {
      const item = around.items[Number(key)]
      if (!isScalar(item) || !isInline(value) || typeof value === 'object') throw new NotSpliced()
      return this.#cut(...this.#rangeOf(item), flowText(value))
    }
    const pair = around.items.find((each) => isScalar(each.key) && each.key.value === key)
    if (pair !== undefined) return this.#replace(pair.key, pair.value, value)
    const at = this.#lineEnd(this.#rangeOf(around)[1])
    return this.#cut(at, at, blockText({ [key]: value }, this.#columnOf(around.items[0]?.key)))
  }

  /** Another value behind the same key. */
  #replace(key: Node, old: Node | null, value: unknown): string {
    const colon = this.#colonOf(key)
    const range = old === null ? ([colon, colon] as const) : this.#rangeOf(old)
    const isEmpty = range[0] === range[1]
    const [from, to] = isEmpty ? ([colon, colon] as const) : range
    if (isCollection(old) && old.flow !== true) {
      const [first, end] = [this.#lineStart(from), this.#lineEnd(to)]
      if (first <= colon) throw new NotSpliced()
      if (!isInline(value)) return this.#cut(first, end, blockText(section(value), this.#columnOf(key) + INDENT))
      return `${this.#text.slice(0, colon)} ${flowText(value)}${this.#cut(first, end, '').slice(colon)}`
    }
    if (isInline(value)) return this.#cut(from, to, isEmpty ? ` ${flowText(value)}` : flowText(value))
    if (this.#text.slice(colon, to).includes('\n')) throw new NotSpliced()
    const behind = this.#lineEnd(to)
    const head = `${this.#text.slice(0, colon)}${this.#text.slice(to, behind)}`
    const block = this.#broken(blockText(section(value), this.#columnOf(key) + INDENT))
    return `${endedLine(head, this.#eol)}${block}${this.#text.slice(behind)}`
  }

  #append(list: YAMLSeq<Node>, value: unknown): string {
    const [from, to] = this.#rangeOf(list)
    const at = this.#lineEnd(to)
    return this.#cut(at, at, blockText([value], from - this.#lineStart(from)))
  }

  #remove(path: ConfigPath, around: Collection | null, key: string | number): string {
    if (around === null) throw new NotSpliced()
    if (around.items.length === 1) return this.#empty(path.slice(0, -1), isSeq(around) ? [] : {})
    if (isSeq(around)) {
      const item = around.items[Number(key)]
      if (item === undefined) throw new NotSpliced()
      return this.#cut(this.#dashLine(item), this.#lineEnd(this.#rangeOf(item)[1]), '')
    }
    const pair = around.items.find((each) => isScalar(each.key) && each.key.value === key)
    if (pair === undefined) throw new NotSpliced()
    const start = this.#rangeOf(pair.key)[0]
    // The first key behind a dash shares its line with the dash.
    if (this.#text.slice(this.#lineStart(start), start).trim() !== '') throw new NotSpliced()
    const end = pair.value === null ? this.#colonOf(pair.key) : this.#rangeOf(pair.value)[1]
    return this.#cut(this.#lineStart(start), this.#lineEnd(end), '')
  }

  /** The last part goes: the section stays, and says that it is empty. */
  #empty(path: ConfigPath, value: object): string {
    if (path.length === 0) throw new NotSpliced()
    const [around, key] = this.#aroundOf(path)
    if (around === null) throw new NotSpliced()
    return this.#set(around, key, value)
  }

  /** The outermost collection in brackets that the step is within, and the path to it. */
  #brackets({ path, kind }: ValueStep): { readonly node: Collection; readonly at: ConfigPath } | undefined {
    const inside = kind === 'append' ? path.length : path.length - 1
    for (let length = 0; length <= inside; length += 1) {
      const node = this.#nodeAt(path.slice(0, length))
      if (isCollection(node) && node.flow === true) return { node: node as Collection, at: path.slice(0, length) }
    }
    return undefined
  }

  /** The whole of the brackets is written anew, each value in them as it was written. */
  #inBrackets(step: ValueStep, { node, at }: { readonly node: Collection; readonly at: ConfigPath }): string {
    const [from, to] = this.#rangeOf(node)
    const written = this.#text.slice(from, to)
    if (written.includes('\n') || written.includes('#')) throw new NotSpliced()
    const old = step.kind === 'set' ? this.#nodeAt(step.path) : undefined
    if (step.kind === 'set' && isScalar<unknown>(old) && typeof step.value !== 'object') {
      return this.#cut(...this.#rangeOf(old), flowText([step.value]).slice(1, -1))
    }
    const document = new Document()
    const copy = node.clone() as Collection
    copy.comment = copy.commentBefore = null // they stand around the brackets, and stay there
    document.contents = copy as Document['contents']
    const path = step.path.slice(at.length)
    if (step.kind === 'remove') document.deleteIn(path)
    else if (step.kind === 'append') document.addIn(path, document.createNode(step.value))
    else document.setIn(path, document.createNode(step.value))
    const padded = /^.\s/.test(written)
    const fresh = document.toString({ lineWidth: 0, flowCollectionPadding: padded, collectionStyle: 'flow' })
    return this.#cut(from, to, fresh.trimEnd())
  }

  #listAt(path: ConfigPath): YAMLSeq<Node> {
    const node = this.#nodeAt(path)
    if (isSeq<Node>(node)) return node
    throw new NotSpliced()
  }

  /** What stands around the path's end, null where the whole file says nothing, and the last key. */
  #aroundOf(path: ConfigPath): readonly [Collection | null, string | number] {
    const key = path.at(-1)
    const node = this.#nodeAt(path.slice(0, -1))
    if (key === undefined) throw new NotSpliced()
    if (path.length === 1 && (node === null || (isScalar(node) && node.value === null))) return [null, key]
    if (isMap<Node, Node | null>(node) || isSeq<Node>(node)) return [node, key]
    throw new NotSpliced()
  }

  #nodeAt(path: ConfigPath): unknown {
    let node: unknown = this.#root
    for (const step of path) node = isCollection(node) ? node.get(step, true) : undefined
    return node
  }

  #rangeOf(node: Node): readonly [number, number] {
    // What carries an anchor may be meant elsewhere too; a tag belongs to what it stands before.
    if (
      node.range == null ||
      ('anchor' in node && node.anchor !== undefined) ||
      (node.tag !== undefined && hasTag(this.#text, node))
    )
      throw new NotSpliced()
    return [node.range[0], node.range[1]]
  }

  /** Behind the colon of a key. */
  #colonOf(key: Node): number {
    const [, end] = this.#rangeOf(key)
    const colon = this.#text.indexOf(':', end)
    if (colon < 0 || this.#text.slice(end, colon).trim() !== '') throw new NotSpliced()
    return colon + 1
  }

  #columnOf(node: Node | undefined): number {
    if (node === undefined) throw new NotSpliced()
    const [from] = this.#rangeOf(node)
    return from - this.#lineStart(from)
  }

  /** Where the line begins that holds the dash of a list's item. */
  #dashLine(item: Node): number {
    const [from] = this.#rangeOf(item)
    const dash = this.#text.lastIndexOf('-', from - 1)
    const start = this.#lineStart(Math.max(dash, 0))
    const between = dash < 0 ? 'none' : this.#text.slice(start, dash) + this.#text.slice(dash + 1, from)
    if (between.trim() !== '') throw new NotSpliced()
    return start
  }

  #lineStart(offset: number): number {
    return this.#text.lastIndexOf('\n', offset - 1) + 1
  }

  /** Behind the line break at or after `offset`; where a line begins there, right there. */
  #lineEnd(offset: number): number {
    if (offset > 0 && this.#text[offset - 1] === '\n') return offset
    const end = this.#text.indexOf('\n', offset)
    return end < 0 ? this.#text.length : end + 1
  }

  /** `lines` in place of what stands between; whole lines begin on a line of their own. */
  #cut(from: number, to: number, lines: string): string {
    const head = this.#text.slice(0, from)
    return `${lines.endsWith('\n') ? endedLine(head, this.#eol) : head}${this.#broken(lines)}${this.#text.slice(to)}`
  }

  #broken(lines: string): string {
    return lines.replaceAll('\n', this.#eol)
  }

  get #eol(): string {
    return this.#text.includes('\r\n') ? '\r\n' : '\n'
  }
}

/** What stands on lines of its own. */
function section(value: unknown): object {
  if (typeof value === 'object' && value !== null) return value
  throw new NotSpliced()
}

function endedLine(text: string, eol: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}${eol}`
}

/** Whether a tag is written there, and not only understood. */
function hasTag(text: string, { range }: Node): boolean {
  return range != null && text.slice(text.lastIndexOf('\n', range[0] - 1) + 1, range[0]).includes('!')
}
