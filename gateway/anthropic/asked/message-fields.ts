/** The fields of a message in which the client says something, by the names of the one table of fields. */
import type { AskedFields } from '../../answer/ignored-fields.ts'
import { askedFields, mayBeNamed } from '../../fields/asked-fields.ts'
import { type MessageBody, messageSchema } from './message-schema.ts'

/** What is inside has rows of its own. */
const OF_THE_DOOR: ReadonlySet<string> = new Set(['thinking', 'output_config', 'output_format'])

type Rows = readonly (readonly [string, (body: MessageBody) => boolean])[]

/** What stands deeper than in a chat, by its row in the table. */
const NESTED: Rows = [
  ['thinking', ({ thinking }) => thinking != null && thinking.type !== 'disabled'],
  ['thinking.budget_tokens', ({ thinking }) => thinking?.type === 'enabled' && thinking.budget_tokens != null],
  ['output_config.effort', ({ output_config: config }) => config?.effort != null],
  ['tools[].strict', ({ tools }) => tools?.some(({ strict }) => strict === true) === true],
]

/** Names of `output_config` that have a place here. */
const CONFIG: ReadonlySet<string> = new Set(['effort', 'format'])

/** `sent`: the body as it came; `skipped`: names of what was left out of it already. */
export function messageFields(body: MessageBody, sent: unknown, skipped: readonly string[]): AskedFields {
  const { carried, dropped } = askedFields(sent, messageSchema, { settings: true })
  const nested = NESTED.filter(([, has]) => has(body)).map(([name]) => name)
  // A name may stand for a field and for what is inside of others.
  const left = new Set([...dropped, ...configLeft(sent), ...skipped.filter(mayBeNamed)])
  return { carried: [...carried.filter((field) => !OF_THE_DOOR.has(field)), ...nested], dropped: [...left] }
}

function configLeft(sent: unknown): readonly string[] {
  const config = typeof sent === 'object' && sent !== null && 'output_config' in sent ? sent.output_config : undefined
  const names = Object.keys(config ?? {}).filter((name) => !CONFIG.has(name))
  return names.map((name) => `output_config.${name}`).filter(mayBeNamed)
}
