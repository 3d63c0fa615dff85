/**
 * What an engine shows by a refusal: which ability, of those that the query needed, it does not have. Only its words
 * tell.
 */
import type { ModelCapabilities } from '../../core/model/model.ts'
import { imagesOf } from '../../core/query/chat-text.ts'
import { isChat, type Query } from '../../core/query/query.ts'
import type { RealmeshError } from '../../core/realmesh-error.ts'

/** What a model turned out not to be able to do: an ability, or a type of query. */
export type Lack = keyof ModelCapabilities | LackingType

const LACKING_TYPES = ['embed', 'rerank', 'tokens'] as const
type LackingType = (typeof LACKING_TYPES)[number]

/** Whether the lack is one of a type of query. */
export function isLackingType(lack: string): lack is LackingType {
  return (LACKING_TYPES as readonly string[]).includes(lack)
}

const WORDS: readonly (readonly [keyof ModelCapabilities, RegExp])[] = [
  ['tools', /tool/i],
  ['vision', /image|vision|multimodal|mmproj/i],
  ['structured', /schema|response.?format|grammar|guided|structured/i],
  ['reasoning', /think|reason/i],
  ['prefill', /prefill|final message|last message|assistant message/i],
  ['logprobs', /logprob|probabilit/i],
  ['grammar', /grammar/i],
  // Whatever an engine answers to a page that it does not have.
  ['infill', /./],
  ['raw', /./],
]

/**
 * The ability that a `CAPABILITY_MISSING` of the engine speaks of; undefined when it is another error, or nothing that
 * the query needed.
 */
export function lackShownBy(query: Query, refusal: RealmeshError): Lack | undefined {
  if (refusal.code !== 'CAPABILITY_MISSING') return undefined
  if (query.type === 'rerank' || query.type === 'tokens') return query.type
  // A wish for another length says nothing of the ability itself.
  if (query.type === 'embed') return query.body.dimensions === undefined ? 'embed' : undefined
  if (!isChat(query)) return undefined
  const { tools = [], responseFormat, think, prefill, messages, raw, logprobs, settings } = query.body
  const needed: Readonly<Record<keyof ModelCapabilities, boolean>> = {
    tools: tools.length > 0,
    vision: messages.some((message) => imagesOf(message).length > 0),
    structured: responseFormat !== undefined && responseFormat.type !== 'text',
    reasoning: think !== undefined && think !== false,
    prefill: prefill !== undefined,
    logprobs: logprobs !== undefined,
    grammar: settings?.['grammar'] !== undefined,
    edits: false,
    references: false,
    infill: raw?.suffix !== undefined,
    raw: raw !== undefined && raw.suffix === undefined,
  }
  return WORDS.find(([ability, words]) => needed[ability] && words.test(refusal.message))?.[0]
}
