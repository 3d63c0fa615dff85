/** Values as YAML text, in the two ways that they stand in a file: on lines of their own, and on one line. Pure. */
import { type Document, isCollection, isScalar, isSeq, Document as NewDocument, parseDocument, visit } from 'yaml'

/** As the reader takes it: YAML 1.2, core schema, no merge keys. */
const FORM = { version: '1.2', schema: 'core', merge: false } as const

const LAYOUT = { lineWidth: 0, flowCollectionPadding: false } as const

export function parseText(text: string): Document {
  return parseDocument(text, FORM)
}

/** Whether a value stands on the line of its key: what has no parts, nothing, and lists of words. */
export function isInline(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'string' || !value.includes('\n')
  const parts = Object.values(value)
  return parts.length === 0 || (Array.isArray(value) && parts.every((part) => typeof part !== 'object'))
}

/** On one line, without a break at its end. */
export function flowText(value: unknown): string {
  return new NewDocument(value, FORM).toString({ ...LAYOUT, collectionStyle: 'flow' }).trimEnd()
}

/** On lines of their own, each begun with `indent` blanks; lists of words and what is empty stand in brackets. */
export function blockText(value: object, indent: number): string {
  const document = new NewDocument(value, FORM)
  visit(document, {
    Collection: (_, node) => {
      const words = isSeq(node) && node.items.every((item) => isScalar(item))
      if (isCollection(node) && (words || node.items.length === 0)) node.flow = true
    },
  })
  const lines = document.toString(LAYOUT).trimEnd().split('\n')
  return `${lines.map((line) => (line === '' ? '' : ' '.repeat(indent) + line)).join('\n')}\n`
}
