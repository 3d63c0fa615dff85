/** A conversation in the words of a stock RENT-A-HAL worker, which takes one prompt. Pure translation. */
import { defined } from '../../core/defined.ts'
import { imagesOf, textOf } from '../../core/query/chat-text.ts'
import type { ChatMessage, ChatQuery } from '../../core/query/query.ts'
import type { JsonObject } from '../http/json-shape.ts'

/** The body of `/predict/`. The worker looks at one image at most: the last. */
export function rentAHalBody({ type, model, body }: ChatQuery): JsonObject {
  const image = body.messages.flatMap(imagesOf).at(-1)
  return {
    prompt: promptOf(body.messages),
    type,
    model_type: 'worker_node',
    model_name: model,
    ...defined({ image: image?.data }),
  }
}

/** One prompt: a lone question goes as it is, a conversation as lines with their speakers. */
export function promptOf(messages: readonly ChatMessage[]): string {
  const [only] = messages
  if (messages.length === 1 && only !== undefined) return textOf(only)
  return [...messages.map((message) => `${message.role}: ${textOf(message)}`), 'assistant:'].join('\n')
}
