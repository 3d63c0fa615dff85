/** A conversation in the words of a stock RENT-A-HAL worker, which takes one prompt. Pure translation. */
import { defined } from '../../core/defined.ts'
import type { ChatMessage, ChatQuery } from '../../core/query/query.ts'
import type { JsonObject } from '../http/json-shape.ts'

/** The body of `/predict/`. The worker looks at one image at most: the last. */
export function rentAHalBody({ type, model, body }: ChatQuery): JsonObject {
  const parts = body.messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content))
  const image = parts.findLast((part) => part.type === 'image')
  return {
    prompt: promptOf(body.messages),
    type,
    model_type: 'worker_node',
    model_name: model,
    ...defined({ image: image?.type === 'image' ? image.data : undefined }),
  }
}

/** A lone question goes as it is, a conversation as lines with their speakers. */
function promptOf(messages: readonly ChatMessage[]): string {
  const [only] = messages
  if (messages.length === 1 && only !== undefined) return textOf(only)
  return [...messages.map((message) => `${message.role}: ${textOf(message)}`), 'assistant:'].join('\n')
}

function textOf({ content }: ChatMessage): string {
  if (typeof content === 'string') return content
  return content.flatMap((part) => (part.type === 'text' ? part.text : [])).join('\n')
}
