/** A chat of Ollama's API as our query. */
import { defined } from '../../../core/defined.ts'
import type { ChatBody, ChatMessage, ContentPart, ToolCall } from '../../../core/query/query.ts'
import { assertChatFits } from '../../fields/chat-checks.ts'
import { imageFromBase64 } from '../../fields/data-url.ts'
import { argumentsText, toTool } from '../../fields/tools.ts'
import { toWishes } from '../format/wishes.ts'
import type { OllamaChatBody, OllamaMessage } from './chat-schema.ts'

/** Throws `BadField` and `PROMPT_TOO_LARGE`. */
export function toOllamaChat(body: OllamaChatBody): ChatBody {
  const calls = new OpenCalls()
  const chat: ChatBody = {
    messages: (body.messages ?? []).map((message, index) => toMessage(message, index, calls)),
    ...(body.tools?.length ? { tools: body.tools.map(toTool) } : {}),
    ...toWishes(body),
  }
  assertChatFits(chat)
  return chat
}

function toMessage(message: OllamaMessage, index: number, calls: OpenCalls): ChatMessage {
  const { role, thinking, images, tool_name: toolName } = message
  const content = withImages(message.content ?? '', images, `messages[${index}].images`)
  if (role === 'assistant') {
    const toolCalls = calls.made(message, index)
    return { role, content, ...(toolCalls.length > 0 && { toolCalls }), ...(thinking ? { reasoning: thinking } : {}) }
  }
  if (role !== 'tool') return { role: role === 'user' ? 'user' : 'system', content }
  return { role, content, toolCallId: calls.answered(message), ...defined({ toolName: toolName || undefined }) }
}

/** A text with pictures beside it. `param`: the name of the list of pictures. Throws `BadField`. */
export function withImages(
  text: string,
  images: readonly string[] | null | undefined,
  param: string,
): ChatMessage['content'] {
  if (!images?.length) return text
  const pictures = images.map((data, i): ContentPart => imageFromBase64(data, `${param}[${i}]`))
  return text === '' ? pictures : [{ type: 'text', text }, ...pictures]
}

/** Calls in a history that no tool has answered: programs for Ollama need not say which one an answer is to. */
class OpenCalls {
  /** Their tools by their ids, oldest first. */
  readonly #open = new Map<string, string>()
  /** The same ids by their tools: a history may have thousands of both. */
  readonly #byTool = new Map<string, Set<string>>()

  made({ tool_calls: calls }: OllamaMessage, index: number): readonly ToolCall[] {
    const made = (calls ?? []).map(({ id, function: called }, n) => ({
      id: id || `call_${index}_${n}`,
      name: called.name,
      arguments: argumentsText(called.arguments),
    }))
    for (const { id, name } of made) this.#add(id, name)
    return made
  }

  /** The id of the call that the message answers: the one it names, else the first of that tool, else the first. */
  answered({ tool_call_id: id, tool_name: name }: OllamaMessage): string {
    const answered = id || (firstOf(this.#byTool.get(name ?? '')) ?? firstOf(this.#open.keys()) ?? 'call_unknown')
    this.#remove(answered)
    return answered
  }

  #add(id: string, name: string): void {
    this.#remove(id)
    this.#open.set(id, name)
    const ofTool = this.#byTool.get(name)
    if (ofTool === undefined) this.#byTool.set(name, new Set([id]))
    else ofTool.add(id)
  }

  #remove(id: string): void {
    const name = this.#open.get(id)
    if (name === undefined) return
    this.#open.delete(id)
    const ofTool = this.#byTool.get(name)
    ofTool?.delete(id)
    if (ofTool?.size === 0) this.#byTool.delete(name)
  }
}

function firstOf(ids: Iterable<string> = []): string | undefined {
  for (const id of ids) return id
  return undefined
}
