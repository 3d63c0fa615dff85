/**
 * The items of a conversation as messages. What an assistant thought, said and called stands in items of their own and
 * is one message again, or engines would see each as a turn of its own.
 */
import { z } from 'zod'
import { BadField, checkValue } from '../../../../core/check-value.ts'
import { boundedList } from '../../../../core/json/bounded-list.ts'
import type { ChatMessage, ContentPart, ToolCall } from '../../../../core/query/query.ts'
import { imageFromUrl } from '../../../fields/data-url.ts'
import { typeName } from '../../../fields/type-name.ts'
import { MAX_CHAT_PARTS } from '../../../request/limits.ts'
import { summaryOf } from './compaction.ts'
import { argumentsOf } from './custom-tools.ts'

/** An item as it was sent, or as we gave it. */
export type Item = Readonly<Record<string, unknown>>

const textPart = z.object({ type: z.enum(['input_text', 'output_text', 'text', 'summary_text']), text: z.string() })
const imagePart = z.object({
  type: z.literal('input_image'),
  image_url: z.string({ error: 'only images as data: URLs are taken' }),
  detail: z.string().max(64).nullish(),
})
const refusalPart = z.object({ type: z.literal('refusal'), refusal: z.string() })

const content = z.union(
  [
    z.string(),
    boundedList(
      z.discriminatedUnion('type', [textPart, imagePart, refusalPart], {
        error: 'expected a part of type input_text, output_text or input_image',
      }),
      { max: MAX_CHAT_PARTS },
    ),
  ],
  { error: 'expected a string or an array of parts' },
)

const thought = z.object({ text: z.string() })

const message = z.object({
  role: z.enum(['user', 'system', 'developer', 'assistant'], {
    error: 'expected the role user, system, developer or assistant',
  }),
  content,
})
const call = z.object({ call_id: z.string(), name: z.string(), arguments: z.string() })
const customCall = z.object({ call_id: z.string(), name: z.string(), input: z.string() })
const output = z.object({ call_id: z.string(), output: content })
const reasoning = z.object({
  summary: boundedList(thought, { max: MAX_CHAT_PARTS }).nullish(),
  content: boundedList(thought, { max: MAX_CHAT_PARTS }).nullish(),
})

/** What a list of items says. */
export interface Conversation {
  readonly messages: readonly ChatMessage[]
  /** Types of items of which nothing is taken. */
  readonly skipped: readonly string[]
}

/**
 * `earlier`: items of the conversation before those of the request. Throws `BadField` for items that are wrong, and for
 * those without which the conversation is another.
 */
export function toMessages(input: readonly Item[], earlier: readonly Item[] = []): Conversation {
  const reader = new ItemReader()
  for (const item of earlier) reader.add(item, 'previous_response_id')
  input.forEach((item, index) => {
    reader.add(item, `input[${index}]`)
  })
  return reader.end()
}

/** A message of the assistant while its items come. */
interface Turn {
  content: ChatMessage['content']
  reasoning: string
  readonly calls: ToolCall[]
}

class ItemReader {
  readonly #messages: ChatMessage[] = []
  readonly #skipped = new Set<string>()
  readonly #names = new Map<string, string>()
  #turn: Turn | undefined

  add(item: Item, param: string): void {
    const type = item['type'] ?? 'message'
    if (type === 'message') this.#message(item, param)
    else if (type === 'function_call') this.#call(item, param)
    else if (type === 'custom_tool_call') this.#customCall(item, param)
    else if (type === 'function_call_output' || type === 'custom_tool_call_output') this.#output(item, param)
    else if (type === 'reasoning') this.#reasoning(item, param)
    else if (type === 'compaction' || type === 'compaction_summary') this.#compaction(item, param)
    else this.#skipped.add(typeName(item, param))
  }

  end(): Conversation {
    this.#endTurn()
    if (this.#messages.length === 0) throw new BadField('input', 'says nothing')
    return { messages: this.#messages, skipped: [...this.#skipped] }
  }

  #message(item: Item, param: string): void {
    const { role, content: said } = checkValue(message, item, param)
    const parts = toContent(said, `${param}.content`)
    if (role !== 'assistant') {
      this.#endTurn()
      this.#messages.push({ role: role === 'user' ? 'user' : 'system', content: parts })
      return
    }
    this.#turnWithRoom().content = parts
  }

  #customCall(item: Item, param: string): void {
    const { input, ...rest } = checkValue(customCall, item, param)
    this.#call({ ...rest, arguments: argumentsOf(input) }, param)
  }

  #call(item: Item, param: string): void {
    const { call_id: id, name, arguments: given } = checkValue(call, item, param)
    this.#names.set(id, name)
    this.#turn ??= { content: '', reasoning: '', calls: [] }
    this.#turn.calls.push({ id, name, arguments: given })
  }

  #output(item: Item, param: string): void {
    const { call_id: toolCallId, output: given } = checkValue(output, item, param)
    this.#endTurn()
    const toolName = this.#names.get(toolCallId)
    if (toolName === undefined) {
      throw new BadField(`${param}.call_id`, 'there is no call with this id before', { fix: 'send the call too' })
    }
    const said = toContent(given, `${param}.output`)
    this.#messages.push({ role: 'tool', content: said, toolCallId, toolName })
  }

  /** All that was said before, in short. */
  #compaction(item: Item, param: string): void {
    this.#endTurn()
    this.#messages.push({ role: 'system', content: `The conversation until now, in short:\n${summaryOf(item, param)}` })
  }

  #reasoning(item: Item, param: string): void {
    const { content: whole, summary } = checkValue(reasoning, item, param)
    // The same twice where both are there: a summary here is the thinking itself.
    const thoughts = whole?.length ? whole : (summary ?? [])
    this.#turnWithRoom().reasoning += thoughts.map(({ text }) => text).join('\n')
  }

  /** The turn that goes on, or a new one where it has said or called something. */
  #turnWithRoom(): Turn {
    if (this.#turn !== undefined && (this.#turn.content.length > 0 || this.#turn.calls.length > 0)) this.#endTurn()
    this.#turn ??= { content: '', reasoning: '', calls: [] }
    return this.#turn
  }

  #endTurn(): void {
    const turn = this.#turn
    this.#turn = undefined
    if (turn === undefined) return
    const { content: said, reasoning: thoughts, calls } = turn
    if (said.length === 0 && calls.length === 0) return // thoughts that led nowhere
    this.#messages.push({
      role: 'assistant',
      content: said,
      ...(calls.length > 0 && { toolCalls: calls }),
      ...(thoughts !== '' && { reasoning: thoughts }),
    })
  }
}

function toContent(said: z.infer<typeof content>, param: string): string | readonly ContentPart[] {
  if (typeof said === 'string') return said
  const parts = said.map((part, index): ContentPart => {
    if (part.type === 'refusal') return { type: 'text', text: part.refusal }
    if (part.type !== 'input_image') return { type: 'text', text: part.text }
    const image = imageFromUrl(part.image_url, `${param}[${index}].image_url`)
    return part.detail == null ? image : { ...image, detail: part.detail }
  })
  const [only] = parts
  return parts.length === 1 && only?.type === 'text' ? only.text : parts
}
