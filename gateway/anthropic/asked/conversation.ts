/**
 * The turns of a conversation as messages. Results of tools stand among what the user says and are messages of their
 * own; neighbours of one role are one turn, as the API has it.
 */
import { z } from 'zod'
import { checkValue } from '../../../core/check-value.ts'
import { defined } from '../../../core/defined.ts'
import { textOf } from '../../../core/query/chat-text.ts'
import type { ChatMessage, ContentPart, ToolCall } from '../../../core/query/query.ts'
import type { Writable } from '../../../core/writable.ts'
import { argumentsText } from '../../fields/tools.ts'
import { thoughtsOf } from '../answer/signature.ts'
import { partsOf, partsOfBlock, type Skip } from './content-blocks.ts'
import { blocks, type ContentBlock, type MessageTurn } from './message-schema.ts'

const call = z.object({
  id: z.string(),
  name: z.string(),
  input: z.union([z.record(z.string(), z.unknown()), z.string()], { error: 'expected an object' }).nullish(),
})
const result = z.object({
  tool_use_id: z.string(),
  content: z.union([z.string(), blocks], { error: 'expected a string or an array of blocks' }).nullish(),
  is_error: z.boolean().nullish(),
})
const thought = z.object({ thinking: z.string(), signature: z.string().nullish() })

/** A message that still grows: its neighbours of the same role belong to it. */
interface Turn {
  readonly role: 'user' | 'assistant'
  readonly parts: ContentPart[]
  readonly calls: ToolCall[]
  readonly thoughts: string[]
}

/** What the turns say. */
export interface ReadTurns {
  /** Without a system message at the front: see `system`. */
  readonly messages: readonly ChatMessage[]
  /** What the operator says before the model has spoken. */
  readonly system: readonly string[]
  /** Names of what nothing is taken of. */
  readonly skipped: readonly string[]
}

export class ConversationReader {
  readonly #messages: ChatMessage[] = []
  readonly #system: string[] = []
  readonly #skipped = new Set<string>()
  readonly #names = new Map<string, string>()
  #turn: Turn | undefined
  #spoken = false

  /** Takes note of what is left out. */
  readonly skip: Skip = (name) => this.#skipped.add(name)

  /** `index`: the turn's place, by which `BadField` names what is wrong. */
  add({ role, content }: MessageTurn, index: number): void {
    if (role === 'assistant') this.#spoken = true
    if (typeof content === 'string') this.#say(role, content)
    else if (role === 'system') this.#operator(textOf({ content: partsOf(content, paramOf(index), this.skip) }))
    else this.#blocks(role, content, paramOf(index))
  }

  end(): ReadTurns {
    this.#endTurn()
    return { messages: this.#messages, system: this.#system, skipped: [...this.#skipped] }
  }

  /**
   * Templates of few models have a place for a system message in the middle, many refuse one and some leave it out
   * silently: what comes before the first answer goes to the front, where it stays for all of the conversation, and
   * what comes later stands among what the user says, marked.
   */
  #operator(text: string): void {
    if (!this.#spoken) this.#system.push(text)
    else this.#of('user').parts.push({ type: 'text', text: `<system-reminder>\n${text}\n</system-reminder>` })
  }

  #say(role: MessageTurn['role'], text: string): void {
    if (role === 'system') this.#operator(text)
    else if (text !== '') this.#of(role).parts.push({ type: 'text', text })
  }

  #blocks(role: Turn['role'], content: readonly ContentBlock[], param: string): void {
    for (const [index, block] of content.entries()) {
      const at = `${param}[${index}]`
      const { type } = block
      if (role === 'user' && type === 'tool_result') this.#result(block, at)
      else if (role === 'assistant' && type === 'tool_use') this.#of(role).calls.push(this.#call(block, at))
      else if (role === 'assistant' && type === 'thinking') this.#thought(block, at)
      else this.#of(role).parts.push(...partsOfBlock(block, at, this.skip))
    }
  }

  #result(block: ContentBlock, param: string): void {
    const { tool_use_id: toolCallId, content, is_error: failed } = checkValue(result, block, param)
    if (block['cache_control'] != null) this.skip('cache_control')
    if (failed === true) this.skip('tool_result.is_error')
    // Before what is said beside it, whatever the order: templates want results right behind the calls.
    if (this.#turn?.role === 'assistant') this.#endTurn()
    const toolName = this.#names.get(toolCallId)
    const parts = partsOf(content ?? '', `${param}.content`, this.skip)
    this.#messages.push({ role: 'tool', content: plainest(parts), toolCallId, ...defined({ toolName }) })
  }

  #call(block: ContentBlock, param: string): ToolCall {
    const { id, name, input } = checkValue(call, block, param)
    this.#names.set(id, name)
    return { id, name, arguments: argumentsText(input) }
  }

  #thought(block: ContentBlock, param: string): void {
    const { thinking, signature } = checkValue(thought, block, param)
    const thoughts = thoughtsOf({ thinking, signature: signature ?? '' })
    if (thoughts !== '') this.#of('assistant').thoughts.push(thoughts)
  }

  #of(role: Turn['role']): Turn {
    if (this.#turn?.role === role) return this.#turn
    this.#endTurn()
    const turn: Turn = { role, parts: [], calls: [], thoughts: [] }
    this.#turn = turn
    return turn
  }

  #endTurn(): void {
    const turn = this.#turn
    this.#turn = undefined
    if (turn === undefined || turn.parts.length + turn.calls.length === 0) return
    const { role, parts, calls, thoughts } = turn
    const message: Writable<ChatMessage> = { role, content: plainest(role === 'assistant' ? joined(parts) : parts) }
    if (calls.length > 0) message.toolCalls = calls
    if (thoughts.length > 0) message.reasoning = thoughts.join('\n')
    this.#messages.push(message)
  }
}

function paramOf(index: number): string {
  return `messages[${index}].content`
}

/** What an assistant said is one text to most templates. */
function joined(parts: readonly ContentPart[]): readonly ContentPart[] {
  if (parts.length < 2) return parts
  const texts = parts.flatMap((part) => (part.type === 'text' ? part.text : []))
  return texts.length < parts.length ? parts : [{ type: 'text', text: texts.join('\n') }]
}

/** A text alone is a text. */
function plainest(parts: readonly ContentPart[]): ChatMessage['content'] {
  const [only] = parts
  if (only === undefined) return ''
  return parts.length === 1 && only.type === 'text' ? only.text : parts
}
