/** What one query may cost in a realm, an own one or that of a peer: see `limits` of realms.yml. Pure. */
import type { RealmLimits } from '../../config/schema/realm-schema.ts'
import { contentBytes } from '../../core/query/chat-text.ts'
import { type ChatBody, isChat, type Query } from '../../core/query/query.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'

/** The realm's bound on the length of an answer, where the asker wants more or names no bound. */
export function withinTokens(body: ChatBody, { tokensOut }: Pick<RealmLimits, 'tokensOut'>): ChatBody {
  if (tokensOut === undefined) return body
  const maxTokens = Math.min(body.sampling?.maxTokens ?? tokensOut, tokensOut)
  return { ...body, sampling: { ...body.sampling, maxTokens } }
}

/**
 * The query of another node within the limits of this one. The start of an answer that is to be continued counts by
 * itself. Throws `NODE_LIMIT` for a longer prompt.
 */
export function withinLimits(query: Query, limits: RealmLimits): Query {
  const bytes = contentBytes(query.body)
  if (bytes > limits.promptBytes) throw tooLong('the prompt', bytes, limits)
  if (!isChat(query)) return query
  const begun = Buffer.byteLength(query.body.prefill ?? '')
  if (begun > limits.promptBytes) throw tooLong('the answer so far', begun, limits)
  return { ...query, body: withinTokens(query.body, limits) }
}

/** The time that this node serves one query of that asker is over. */
export function overtime({ totalMs }: RealmLimits): RealmeshError {
  return new RealmeshError('NODE_LIMIT', `this node serves one query of yours for ${totalMs / 1_000} s at most`, {
    fix: 'ask for less, or another node',
  })
}

function tooLong(what: string, bytes: number, { promptBytes }: RealmLimits): RealmeshError {
  return new RealmeshError('NODE_LIMIT', `${what} has ${bytes} bytes; this node takes ${promptBytes} of yours`, {
    fix: 'shorten the conversation, or ask another node',
  })
}
