/** A chat completion body as our query: what the words of one API mean in the other. */

import { BadField } from '../../../core/check-value.ts'
import { defined } from '../../../core/defined.ts'
import { chatLength, MAX_IMAGES, textsOf } from '../../../core/query/chat-text.ts'
import { assertTextFits } from '../../../core/query/prompt-size.ts'
import type {
  ChatBody,
  ChatMessage,
  ContentPart,
  ResponseFormat,
  ToolChoice,
  ToolDefinition,
} from '../../../core/query/query.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { toSampling } from '../format/sampling.ts'
import type { ChatCompletionBody, ChatCompletionContent, ChatCompletionMessage } from './chat-schema.ts'

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
    const toolName = message.name ?? undefined
    return { role: 'tool', content, toolCallId: message.tool_call_id, ...defined({ toolName }) }
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

/** Pictures that are pixels; SVG is a program and may fetch. */
const PREFIX = /^data:(image\/(?:png|jpeg|jpg|webp|gif|bmp|tiff|avif|heic|heif));base64,/i
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/**
 * The image in a `data:` URL. No URL is ever fetched, so nothing in a request steers a connection of ours. Throws
 * `BadField`.
 */
function imageFromUrl(url: string, param: string): ContentPart {
  const prefix = PREFIX.exec(url.slice(0, 64))
  if (prefix === null) {
    throw new BadField(param, 'only images as data: URLs are taken', {
      fix: 'send data:image/png;base64,… (PNG, JPEG, WebP, GIF and other pixel formats)',
    })
  }
  const data = url.slice(prefix[0].length)
  if (data.length % 4 !== 0 || !BASE64.test(data)) throw new BadField(param, 'the data: URL is not base64')
  return { type: 'image', mediaType: (prefix[1] ?? '').toLowerCase().replace('/jpg', '/jpeg'), data }
}

function toTool(tool: NonNullable<ChatCompletionBody['tools']>[number]): ToolDefinition {
  const { name, description, parameters } = tool.function
  return { name, ...defined({ description: description ?? undefined, parameters }) }
}

function toToolChoice(choice: NonNullable<ChatCompletionBody['tool_choice']>): ToolChoice {
  return typeof choice === 'string' ? choice : { name: choice.function.name }
}

function toResponseFormat(format: NonNullable<ChatCompletionBody['response_format']>): ResponseFormat {
  if (format.type === 'text') return { type: 'text' }
  if (format.type === 'json_object') return { type: 'json' }
  const { name, schema, strict } = format.json_schema
  return { type: 'json_schema', name, schema, ...defined({ strict: strict ?? undefined }) }
}

/** Text of every kind by its bytes, images by their number. */
function assertFits(chat: ChatBody): void {
  assertTextFits(textsOf(chat))
  const { images } = chatLength(chat)
  if (images > MAX_IMAGES) {
    throw new RealmeshError('PROMPT_TOO_LARGE', `the prompt has ${images} images; ${MAX_IMAGES} are taken`, {
      fix: 'send fewer images in one query',
    })
  }
}
