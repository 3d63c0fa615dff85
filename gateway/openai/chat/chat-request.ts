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
import { toSettings } from '../../fields/asked-fields.ts'
import { imageFromUrl } from '../../fields/data-url.ts'
import { toSampling } from '../../fields/sampling.ts'
import type { ChatCompletionBody, ChatCompletionContent, ChatCompletionMessage } from './chat-schema.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * The conversation with its settings. `sent`: the body as it came, with the fields that only some engines know. Throws
 * `BadField` and `PROMPT_TOO_LARGE`.
 */
export function toChatBody(body: ChatCompletionBody, sent: unknown = body): ChatBody {
  const chat: Writable<ChatBody> = { messages: body.messages.map(toMessage) }
  if (body.tools?.length) chat.tools = body.tools.map(toTool)
  if (body.tool_choice != null) {
    assertChoosable(body.tool_choice, chat.tools ?? [])
    if (chat.tools !== undefined) chat.toolChoice = toToolChoice(body.tool_choice)
  }
  if (body.response_format != null) chat.responseFormat = toResponseFormat(body.response_format)
  else if (body.json_schema != null)
    chat.responseFormat = { type: 'json_schema', name: 'answer', schema: body.json_schema }
  if (body.parallel_tool_calls != null && chat.tools !== undefined) chat.parallelToolCalls = body.parallel_tool_calls
  const logprobs = toLogprobs(body)
  if (logprobs !== undefined) chat.logprobs = logprobs
  const settings = toSettings(sent)
  if (settings !== undefined) chat.settings = settings
  const sampling = toSampling(body)
  if (sampling !== undefined) chat.sampling = sampling
  const think = body.reasoning_effort == null ? undefined : THINK[body.reasoning_effort]
  if (think !== undefined) chat.think = think
  assertFits(chat)
  return chat
}

/** Alternatives of each token; undefined when no probabilities are wanted. Throws `BadField`, as OpenAI does. */
function toLogprobs({ logprobs, top_logprobs: alternatives }: ChatCompletionBody): number | undefined {
  if (logprobs === true) return alternatives ?? 0
  if (!alternatives) return undefined
  throw new BadField('top_logprobs', 'is only allowed beside logprobs: true')
}

/** Clients have eight words for efforts, engines know three and off. */
const THINK: Readonly<Record<NonNullable<ChatCompletionBody['reasoning_effort']>, ChatBody['think']>> = {
  default: undefined,
  none: false,
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
}

function toMessage(message: ChatCompletionMessage, index: number): ChatMessage {
  const param = `messages[${index}].content`
  if (message.role === 'assistant') return toAnswer(message, param)
  const content = toContent(message.content ?? '', param)
  if (message.role !== 'tool') {
    return { role: message.role === 'user' ? 'user' : 'system', content, ...nameOf(message) }
  }
  const toolName = message.name ?? undefined
  return { role: 'tool', content, toolCallId: message.tool_call_id, ...defined({ toolName }) }
}

type AssistantMessage = Extract<ChatCompletionMessage, { readonly role: 'assistant' }>

/** An answer of before, as it is sent back: whatever it consisted of. */
function toAnswer(message: AssistantMessage, param: string): ChatMessage {
  const said = message.content ?? ''
  const content = toContent(said, param)
  const answer: Writable<ChatMessage> = {
    role: 'assistant',
    content: isEmpty(content) ? (message.refusal ?? '') : content,
    ...nameOf(message),
  }
  if (message.tool_calls?.length) {
    answer.toolCalls = message.tool_calls.map(({ id, function: called }, n) => ({
      id: id || `call_${n}`,
      name: called.name,
      arguments: typeof called.arguments === 'string' ? called.arguments : JSON.stringify(called.arguments ?? {}),
    }))
  }
  const reasoning = message.reasoning_content ?? message.reasoning ?? thoughtsIn(said)
  if (reasoning !== '') answer.reasoning = reasoning
  return answer
}

function nameOf({ name }: { readonly name?: string | null | undefined }): Pick<ChatMessage, 'name'> {
  return name ? { name } : {}
}

function isEmpty(content: ChatMessage['content']): boolean {
  return content.length === 0
}

function toContent(content: ChatCompletionContent, param: string): string | readonly ContentPart[] {
  if (typeof content === 'string') return content
  return content.flatMap((part, index): ContentPart | readonly ContentPart[] => {
    switch (part.type) {
      case 'text':
        return { type: 'text', text: part.text }
      case 'refusal':
        return { type: 'text', text: part.refusal }
      case 'image_url': {
        const { url, detail = null } = typeof part.image_url === 'string' ? { url: part.image_url } : part.image_url
        const image = imageFromUrl(url, `${param}[${index}].image_url`)
        return detail === null ? image : { ...image, detail }
      }
      default:
        return [] // thoughts stand beside the content
    }
  })
}

/** What parts of a message tell of the model's thinking. */
function thoughtsIn(content: ChatCompletionContent): string {
  if (typeof content === 'string') return ''
  return content
    .map((part) => {
      if (part.type === 'thinking') return part.thinking
      return part.type === 'reasoning' ? (part.text ?? part.reasoning ?? '') : ''
    })
    .join('')
}

/** Throws `BadField` for a call that is wished for and cannot be made, as OpenAI does. */
function assertChoosable(
  choice: NonNullable<ChatCompletionBody['tool_choice']>,
  tools: readonly ToolDefinition[],
): void {
  if (choice === 'auto' || choice === 'none') return
  if (tools.length === 0) throw new BadField('tool_choice', 'there are no tools to choose from', { fix: 'send tools' })
  if (typeof choice === 'string' || tools.some(({ name }) => name === choice.function.name)) return
  throw new BadField('tool_choice', 'names a function that is not among the tools')
}

function toTool(tool: NonNullable<ChatCompletionBody['tools']>[number]): ToolDefinition {
  const { name, description, parameters, strict } = tool.function
  return { name, ...defined({ description: description ?? undefined, parameters, strict: strict ?? undefined }) }
}

function toToolChoice(choice: NonNullable<ChatCompletionBody['tool_choice']>): ToolChoice {
  return typeof choice === 'string' ? choice : { name: choice.function.name }
}

function toResponseFormat(format: NonNullable<ChatCompletionBody['response_format']>): ResponseFormat {
  if (format.type === 'text') return { type: 'text' }
  if (format.type === 'json_object') return { type: 'json' }
  const { name, schema, strict } = format.json_schema
  if (schema == null) return { type: 'json' } // a schema of nothing: any object
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
