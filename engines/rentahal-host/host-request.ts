/** A query in the words of `/api/federation/route`. Pure translation. */
import { defined } from '../../core/defined.ts'
import { imagesOf, textOf } from '../../core/query/chat-text.ts'
import { type ChatMessage, type ChatQuery, type ImagineQuery, isChat, type Query } from '../../core/query/query.ts'
import { typeRefused } from '../adapter/capability-check.ts'
import type { JsonObject } from '../http/json-shape.ts'
import { promptOf } from '../rentahal/rentahal-request.ts'
import { HOST_KIND } from './host-state.ts'

/** Who asks, where the query has not come by a host before and nobody said. */
const NOBODY = 'realmesh'

/**
 * The body. RENT-A-HAL reads its own three members and passes over the fourth, which holds what a realmesh host knows
 * to use: id, hops, way, the conversation as it is, settings. Throws `CAPABILITY_MISSING` for a type that hosts do not
 * know.
 */
export function hostBody(query: Query, namesModels: boolean): JsonObject {
  const { via, hopsLeft } = query.federated ?? { via: [], hopsLeft: 0 }
  const asked = isChat(query) ? chatWords(query) : query.type === 'imagine' ? imagineWords(query) : undefined
  if (asked === undefined) throw typeRefused(HOST_KIND, query)
  return {
    query_type: query.type,
    query: {
      prompt: asked.prompt,
      query_type: query.type,
      model_type: 'worker_node',
      model_name: namesModels ? query.model : '',
      ...defined({ image: asked.image }),
    },
    source_federation: via.at(-1) ?? NOBODY,
    realmesh: { id: query.id, hops_left: hopsLeft, via, ...asked.more },
  }
}

interface Words {
  readonly prompt: string
  readonly image?: string | undefined
  readonly more: JsonObject
}

function chatWords({ body }: ChatQuery): Words {
  const { messages, sampling = {} } = body
  const { maxTokens, temperature, topP, seed, stop } = sampling
  return {
    prompt: promptOf(messages),
    image: messages.flatMap(imagesOf).at(-1)?.data,
    more: defined({
      messages: plainMessages(messages),
      max_tokens: maxTokens,
      temperature,
      top_p: topP,
      seed,
      stop,
    }),
  }
}

/** The conversation as it is, where it is one of texts: calls of tools are told in the prompt alone. */
function plainMessages(messages: readonly ChatMessage[]): readonly JsonObject[] | undefined {
  if (messages.some(({ role, toolCalls }) => role === 'tool' || toolCalls !== undefined)) return undefined
  return messages.map((message) => ({ role: message.role, content: textOf(message) }))
}

function imagineWords({ body }: ImagineQuery): Words {
  const { prompt, negativePrompt, width, height, steps, seed, count, guidance } = body
  const more = { negative_prompt: negativePrompt, width, height, steps, seed, count, guidance }
  return { prompt, more: defined(more) }
}
