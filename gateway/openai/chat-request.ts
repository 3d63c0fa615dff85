/** A chat completion body as our query: what the words of one API mean in the other. */
import type {
  ChatBody,
  ChatMessage,
  ContentPart,
  ResponseFormat,
  Sampling,
  ToolChoice,
  ToolDefinition,
} from '../../core/query.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { MAX_IMAGES, MAX_PROMPT_BYTES } from '../limits.ts'
import type { ChatCompletionBody, ChatCompletionContent, ChatCompletionMessage } from './chat-schema.ts'
import { imageFromUrl } from './image-url.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** The conversation with its settings. Throws `BadField` and `PROMPT_TOO_LARGE`. */
export function toChatBody(body: ChatCompletionBody): ChatBody {
  const chat: Writable<ChatBody> = { messages: body.messages.map(toMessage) }
  if (body.tools?.length) chat.tools = body.tools.map(toTool)
  if (body.tool_choice != null && chat.tools !== undefined) chat.toolChoice = toToolChoice(body.tool_choice)
  if (body.response_format != null) chat.responseFormat = toResponseFormat(body.response_format)
  const sampling = toSampling(body)
  if (sampling !== undefined) chat.sampling = sampling
  if (body.reasoning_effort != null) chat.think = THINK[body.reasoning_effort]
  assertFits(chat)
  return chat
}

/** OpenAI has six efforts, engines know three and off. */
const THINK: Readonly<Record<NonNullable<ChatCompletionBody['reasoning_effort']>, NonNullable<ChatBody['think']>>> = {
  none: false,
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
}

function toMessage(message: ChatCompletionMessage, index: number): ChatMessage {
  const content = toContent(message.content ?? '', `messages[${index}].content`)
  if (message.role === 'tool') {
    const name = message.name == null ? {} : { toolName: message.name }
    return { role: 'tool', content, toolCallId: message.tool_call_id, ...name }
  }
  if (message.role !== 'assistant') return { role: message.role === 'user' ? 'user' : 'system', content }
  const answer: Writable<ChatMessage> = { role: 'assistant', content }
  if (message.tool_calls?.length) {
    answer.toolCalls = message.tool_calls.map((call) => ({ id: call.id, ...call.function }))
  }
  if (message.reasoning_content != null) answer.reasoning = message.reasoning_content
  return answer
}

function toContent(content: ChatCompletionContent, param: string): string | readonly ContentPart[] {
  if (typeof content === 'string') return content
  return content.map((part, index): ContentPart => {
    if (part.type === 'text') return { type: 'text', text: part.text }
    if (part.type === 'refusal') return { type: 'text', text: part.refusal }
    const url = typeof part.image_url === 'string' ? part.image_url : part.image_url.url
    return imageFromUrl(url, `${param}[${index}].image_url`)
  })
}

function toTool(tool: NonNullable<ChatCompletionBody['tools']>[number]): ToolDefinition {
  const { name, description, parameters } = tool.function
  return { name, ...(description != null && { description }), ...(parameters !== undefined && { parameters }) }
}

function toToolChoice(choice: NonNullable<ChatCompletionBody['tool_choice']>): ToolChoice {
  return typeof choice === 'string' ? choice : { name: choice.function.name }
}

function toResponseFormat(format: NonNullable<ChatCompletionBody['response_format']>): ResponseFormat {
  if (format.type === 'text') return { type: 'text' }
  if (format.type === 'json_object') return { type: 'json' }
  const { name, schema, strict } = format.json_schema
  return { type: 'json_schema', name, schema, ...(strict != null && { strict }) }
}

function toSampling(body: ChatCompletionBody): Sampling | undefined {
  const sampling: Writable<Sampling> = {}
  const maxTokens = body.max_completion_tokens ?? body.max_tokens
  if (maxTokens != null && maxTokens >= 0) sampling.maxTokens = maxTokens
  if (body.temperature != null) sampling.temperature = body.temperature
  if (body.top_p != null) sampling.topP = body.top_p
  if (body.top_k != null) sampling.topK = body.top_k
  if (body.min_p != null) sampling.minP = body.min_p
  if (body.seed != null) sampling.seed = body.seed
  if (body.stop != null) sampling.stop = typeof body.stop === 'string' ? [body.stop] : body.stop
  if (body.frequency_penalty != null) sampling.frequencyPenalty = body.frequency_penalty
  if (body.presence_penalty != null) sampling.presencePenalty = body.presence_penalty
  if (body.repeat_penalty != null) sampling.repeatPenalty = body.repeat_penalty
  return Object.keys(sampling).length === 0 ? undefined : sampling
}

/** Bodies are parsed up to the size of pictures; text has a smaller bound of its own. */
function assertFits(chat: ChatBody): void {
  let bytes = chat.tools === undefined ? 0 : Buffer.byteLength(JSON.stringify(chat.tools))
  let images = 0
  for (const message of chat.messages) {
    if (typeof message.content === 'string') bytes += Buffer.byteLength(message.content)
    else {
      for (const part of message.content) {
        if (part.type === 'image') images += 1
        else bytes += Buffer.byteLength(part.text)
      }
    }
    bytes += Buffer.byteLength(message.reasoning ?? '')
    for (const call of message.toolCalls ?? []) bytes += Buffer.byteLength(call.arguments)
  }
  if (bytes > MAX_PROMPT_BYTES) {
    throw new RealmeshError(
      'PROMPT_TOO_LARGE',
      `the prompt has ${bytes} bytes of text; ${MAX_PROMPT_BYTES} are taken`,
      {
        fix: 'shorten the conversation or send the document in parts',
      },
    )
  }
  if (images > MAX_IMAGES) {
    throw new RealmeshError('PROMPT_TOO_LARGE', `the prompt has ${images} images; ${MAX_IMAGES} are taken`, {
      fix: 'send fewer images in one query',
    })
  }
}
