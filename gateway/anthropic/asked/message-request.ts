/** The body of a message as our query: what the words of one API mean in the other. */
import { BadField } from '../../../core/check-value.ts'
import { textOf } from '../../../core/query/chat-text.ts'
import type { ChatBody, ChatMessage, ToolChoice } from '../../../core/query/query.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { Writable } from '../../../core/writable.ts'
import { toSettings } from '../../fields/asked-fields.ts'
import { assertChatFits, assertChoosable } from '../../fields/chat-checks.ts'
import { thinkOf } from '../../fields/effort.ts'
import { toSampling } from '../../fields/sampling.ts'
import { partsOf, type Skip } from './content-blocks.ts'
import { ConversationReader } from './conversation.ts'
import type { MessageBody } from './message-schema.ts'
import { toTools } from './message-tools.ts'

/** A request that was understood, with what was left out of it. */
export interface AskedMessage {
  readonly chat: ChatBody
  /** Types of tools and of blocks of which nothing is taken, and other wishes that nothing comes of. */
  readonly skipped: readonly string[]
}

/** The least budget that means more than a little thinking, and much: what we send where we ask for such. */
const SOME_TOKENS = 4_096
const MANY_TOKENS = 16_000

/**
 * `sent`: the body as it came, with the fields that only some engines know. Throws `BadField`, `PROMPT_TOO_LARGE`, and
 * `QUERY_NOT_FOUND` for a conversation that goes on.
 */
export function toMessageChat(body: MessageBody, sent: unknown = body): AskedMessage {
  assertWhole(body)
  const reader = new ConversationReader()
  const system = toSystem(body.system ?? '', reader.skip)
  body.messages.forEach((turn, index) => {
    reader.add(turn, index)
  })
  const tools = toTools(body.tools ?? [], reader.skip)
  const { messages, system: more, skipped } = reader.end()
  if (messages.length === 0) throw new BadField('messages', 'say nothing')
  const chat: Writable<ChatBody> = withPrefill(withSystem([...system, ...more], messages))
  if (tools.length > 0) chat.tools = tools
  if (body.tool_choice != null) {
    const choice = toToolChoice(body.tool_choice)
    assertChoosable(choice, tools)
    if (tools.length > 0) chat.toolChoice = choice
    if (tools.length > 0 && 'disable_parallel_tool_use' in body.tool_choice) {
      if (body.tool_choice.disable_parallel_tool_use === true) chat.parallelToolCalls = false
    }
  }
  const format = body.output_config?.format ?? body.output_format
  if (format != null) chat.responseFormat = { type: 'json_schema', name: 'answer', schema: format.schema }
  const think = toThink(body)
  if (think !== undefined) chat.think = think
  const settings = settingsOf(body, sent)
  if (settings !== undefined) chat.settings = settings
  const sampling = toSampling(body, body.stop_sequences)
  if (sampling !== undefined) chat.sampling = sampling
  assertChatFits(chat)
  return { chat, skipped }
}

/** Programs that hear so send the whole conversation again. */
function assertWhole({ thread }: MessageBody): void {
  if (thread?.type !== 'continue') return
  throw new RealmeshError('QUERY_NOT_FOUND', 'conversations are not kept here', {
    fix: 'send the whole conversation as messages',
  })
}

/** A line for its maker's accounts, which some programs write first: another one each time, so that no cache helps. */
const BILLING = 'x-anthropic-billing-header:'

function toSystem(system: NonNullable<MessageBody['system']>, skip: Skip): readonly string[] {
  const texts = partsOf(system, 'system', skip).map((part) => textOf({ content: [part] }))
  const said = texts.filter((text) => !text.startsWith(BILLING))
  if (said.length < texts.length) skip('system.x-anthropic-billing-header')
  return said.filter((text) => text !== '')
}

function withSystem(system: readonly string[], messages: readonly ChatMessage[]): readonly ChatMessage[] {
  return system.length === 0 ? messages : [{ role: 'system', content: system.join('\n\n') }, ...messages]
}

/** An answer that ends a conversation is the beginning of the one that is asked for. */
function withPrefill(messages: readonly ChatMessage[]): Pick<ChatBody, 'messages' | 'prefill'> {
  const last = messages.at(-1)
  if (messages.length < 2 || last?.role !== 'assistant' || last.toolCalls !== undefined || last.reasoning !== undefined)
    return { messages }
  return { messages: messages.slice(0, -1), prefill: textOf(last) }
}

function toToolChoice(choice: NonNullable<MessageBody['tool_choice']>): ToolChoice {
  if (choice.type === 'tool') return { name: choice.name }
  return choice.type === 'any' ? 'required' : choice.type
}

/** An effort says how hard to think, a budget likewise; where there is neither, the model thinks as it does. */
function toThink({ thinking, output_config: config }: MessageBody): ChatBody['think'] {
  if (thinking?.type === 'disabled') return false
  const effort = thinkOf(config?.effort)
  if (effort !== undefined || thinking == null) return effort
  if (thinking.type !== 'enabled' || thinking.budget_tokens == null) return true
  if (thinking.budget_tokens < SOME_TOKENS) return 'low'
  return thinking.budget_tokens < MANY_TOKENS ? 'medium' : 'high'
}

/** A budget by the name that engines with one have for it. */
function settingsOf({ thinking }: MessageBody, sent: unknown): ChatBody['settings'] {
  const settings = toSettings(sent)
  if (thinking?.type !== 'enabled' || thinking.budget_tokens == null) return settings
  return { thinking_budget_tokens: thinking.budget_tokens, ...settings }
}
