/** A query of a host, of the body that it sends. Pure. */
import { defined } from '../../core/defined.ts'
import { assertTextFits } from '../../core/query/prompt-size.ts'
import type { ChatMessage, ImagineBody } from '../../core/query/query.ts'
import type { TraceContext } from '../../core/query/trace-context.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { HostQuery, KnownHost } from '../../node/api/federation.ts'
import { assertChatFits } from '../fields/chat-checks.ts'
import { imageFromBase64 } from '../fields/data-url.ts'
import { toSampling } from '../fields/sampling.ts'
import type { RouteBody } from './federation-bodies.ts'

/**
 * Throws `BadField` and `PROMPT_TOO_LARGE`; `FORBIDDEN` where the host says that it is another one than its token;
 * `REALM_NOT_FOUND` for a type of query that goes between no hosts.
 */
export function toHostQuery(body: RouteBody, host: KnownHost, trace: TraceContext | undefined): HostQuery {
  const { source_federation: source, query_type: type, query, realmesh } = body
  if (host.federationId !== undefined && host.federationId !== source) {
    throw new RealmeshError('FORBIDDEN', `the token is that of ${host.name}, which is not ${source.slice(0, 64)}`)
  }
  const via = realmesh === undefined || realmesh.via.length === 0 ? [source] : realmesh.via
  const envelope = {
    // To RENT-A-HAL a model's name is a hint, and a wrong one no reason to refuse.
    model: realmesh === undefined ? '' : query.model_name,
    via: via.includes(source) ? via : [...via, source],
    hopsLeft: realmesh?.hops_left ?? 0,
    ...defined({ id: realmesh?.id, trace }),
  }
  if (type === 'imagine') return { ...envelope, type, body: drawing(body) }
  if (type === 'chat' || type === 'vision') {
    const chat = { messages: conversation(body), ...defined({ sampling: toSampling(realmesh ?? {}) }) }
    assertChatFits(chat)
    return { ...envelope, type: 'chat', body: chat }
  }
  throw new RealmeshError('REALM_NOT_FOUND', 'queries of this type go between no hosts')
}

/** The picture belongs to what the user said last. */
function conversation({ query: { prompt, image }, realmesh }: RouteBody): readonly ChatMessage[] {
  const messages: readonly ChatMessage[] = realmesh?.messages ?? [{ role: 'user', content: prompt }]
  if (!image) return messages
  const at = messages.findLastIndex(({ role }) => role === 'user')
  const picture = imageFromBase64(image, 'query.image')
  const shown = (message: ChatMessage): ChatMessage => {
    const text = String(message.content)
    return { ...message, content: text === '' ? [picture] : [{ type: 'text', text }, picture] }
  }
  return messages.map((message, i) => (i === at ? shown(message) : message))
}

function drawing({ query: { prompt }, realmesh }: RouteBody): ImagineBody {
  assertTextFits([prompt, realmesh?.negative_prompt ?? ''])
  const { negative_prompt: negativePrompt, width, height, steps, seed, count, guidance } = realmesh ?? {}
  return { prompt, ...defined({ negativePrompt, width, height, steps, seed: seed ?? undefined, count, guidance }) }
}
