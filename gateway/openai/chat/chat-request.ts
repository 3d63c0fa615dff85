/** A chat completion body as our query: what the words of one API mean in the other. */

import { defined } from '../../../core/defined.ts'
import type { ChatBody, ChatMessage, ContentPart, ResponseFormat, ToolChoice } from '../../../core/query/query.ts'
import type { Writable } from '../../../core/writable.ts'
import { toSettings } from '../../fields/asked-fields.ts'
import { assertChatFits, assertChoosable } from '../../fields/chat-checks.ts'
import { imageFromUrl } from '../../fields/data-url.ts'
import { thinkOf } from '../../fields/effort.ts'
import { toLogprobs } from '../../fields/logprobs.ts'
import { toSampling } from '../../fields/sampling.ts'
import { argumentsText, toTool } from '../../fields/tools.ts'
import type { ChatCompletionBody, ChatCompletionContent, ChatCompletionMessage } from './chat-schema.ts'

/**
 * The conversation with its settings. `sent`: the body as it came, with the fields that only some engines know. Throws
 * `BadField` and `PROMPT_TOO_LARGE`.
 */
export function toChatBody(body: ChatCompletionBody, sent: unknown = body): ChatBody {
  const chat: Writable<ChatBody> = { messages: body.messages.map(toMessage) }
  if (body.tools?.length) chat.tools = body.tools.map(toTool)
  if (body.tool_choice != null) {
    const choice = toToolChoice(body.tool_choice)
    assertChoosable(choice, chat.tools ?? [])
    if (chat.tools !== undefined) chat.toolChoice = choice
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
  const think = thinkOf(body.reasoning_effort)
  if (think !== undefined) chat.think = think
  assertChatFits(chat)
  return chat
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
      arguments: argumentsText(called.arguments),
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
