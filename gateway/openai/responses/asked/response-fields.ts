/** The fields of a response in which the client says something, by the names of the one table of fields. */
import type { AskedFields } from '../../../answer/ignored-fields.ts'
import { askedFields, mayBeNamed } from '../../../fields/asked-fields.ts'
import { type ResponseBody, responseSchema } from './response-schema.ts'

/** What the door sees to itself, so that no engine need know it; what is inside some of them has rows of its own. */
const OF_THE_DOOR: ReadonlySet<string> = new Set([
  ...['store', 'metadata', 'background', 'include', 'truncation', 'text', 'reasoning'],
  ...['previous_response_id', 'conversation', 'prompt', 'context_management'],
])

type Rows = readonly (readonly [string, (body: ResponseBody) => boolean])[]

/** What stands deeper than in a chat, by its row in the table. */
const NESTED: Rows = [
  ['reasoning.effort', ({ reasoning }) => reasoning?.effort != null],
  ['text.verbosity', ({ text }) => text?.verbosity != null],
  ['tools[].strict', ({ tools }) => tools?.some(({ strict }) => strict === true) === true],
  ['input[].content[].detail', ({ input }) => typeof input !== 'string' && input.some(hasDetail)],
]

/** What nothing comes of: a conversation that is too long is refused, never shortened. */
const UNHEARD: Rows = [['truncation', ({ truncation }) => truncation === 'auto']]

/** `sent`: the body as it came; `skipped`: names of what was left out of it already. */
export function responseFields(body: ResponseBody, sent: unknown, skipped: readonly string[]): AskedFields {
  const { carried, dropped } = askedFields(sent, responseSchema, { settings: true })
  const says = (rows: Rows): readonly string[] => rows.filter(([, has]) => has(body)).map(([name]) => name)
  return {
    carried: [...carried.filter((field) => !OF_THE_DOOR.has(field)), ...says(NESTED)],
    dropped: [...dropped, ...says(UNHEARD), ...skipped.filter(mayBeNamed)],
  }
}

function hasDetail({ content }: Readonly<Record<string, unknown>>): boolean {
  if (!Array.isArray(content)) return false
  return content.some(({ detail }) => typeof detail === 'string' && detail !== '' && detail !== 'auto')
}
