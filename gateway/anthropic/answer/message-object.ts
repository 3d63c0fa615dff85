/** The message as an object: how it begins, what it consists of, why it ended and what it took. */
import type { EndEvent, FinishReason, Usage } from '../../../core/query/query-event.ts'
import { callId, type GatheredCall, wholeCalls } from '../../gathering/calls.ts'
import { signatureOf } from './signature.ts'

/** What stays the same within one message. */
export interface MessageHead {
  readonly queryId: string
  readonly model: string
}

/** How an answer ended. The word that stopped it is not known: engines do not tell. */
interface StopFields {
  readonly stop_reason: string | null
  readonly stop_sequence: null
  readonly stop_details: object | null
}

const STOP_REASONS: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'refusal',
}

const REFUSAL = { type: 'refusal', category: null, explanation: null }

/** What programs' types want to find, and the mesh has not. */
const NOT_HERE = { container: null, diagnostics: null }
const NO_STOP: StopFields = { stop_reason: null, stop_sequence: null, stop_details: null }

/** Why the answer ended. */
export function stopFields({ finishReason }: EndEvent): StopFields {
  return {
    stop_reason: STOP_REASONS[finishReason],
    stop_sequence: null,
    stop_details: finishReason === 'content_filter' ? REFUSAL : null,
  }
}

/**
 * Zeros where the engine did not count: clients add these numbers up without looking. What it had computed before
 * stands apart from the rest of the prompt.
 */
export function messageUsage(usage: Usage | undefined): object {
  const { promptTokens = 0, completionTokens = 0, cachedTokens, reasoningTokens } = usage ?? {}
  return {
    input_tokens: Math.max(0, promptTokens - (cachedTokens ?? 0)),
    output_tokens: completionTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cachedTokens ?? 0,
    output_tokens_details: reasoningTokens === undefined ? null : { thinking_tokens: reasoningTokens },
    server_tool_use: null,
  }
}

/** What stands in a whole message beside that. */
const USAGE_BESIDE = { cache_creation: null, inference_geo: null, service_tier: null, speed: null }

/** `end`: absent of a message that has only begun. */
export function messageObject(head: MessageHead, content: readonly object[], end: EndEvent | undefined): object {
  return {
    id: `msg_${head.queryId}`,
    type: 'message',
    role: 'assistant',
    model: head.model,
    content,
    ...(end === undefined ? NO_STOP : stopFields(end)),
    usage: { ...messageUsage(end?.usage), ...USAGE_BESIDE },
    ...NOT_HERE,
  }
}

/** A text as a block; without `citations`, of which some programs take no null. */
export function textBlock(text: string): object {
  return { type: 'text', text }
}

/** Thoughts as a block. `shown`: whether the client wants to see them. */
export function thinkingBlock(thoughts: string, shown: boolean): object {
  return { type: 'thinking', thinking: shown ? thoughts : '', signature: signatureOf(thoughts, shown) }
}

type NamedCall = Pick<GatheredCall, 'id' | 'index' | 'name'>

/** A call as a block, with its arguments. */
export function toolBlock(call: NamedCall, input: object, queryId: string): object {
  return { type: 'tool_use', id: callId(call, queryId), name: call.name, input, caller: { type: 'direct' } }
}

/** Calls as blocks, those that are whole: see `wholeCalls`. Throws `ENGINE_GARBAGE`. */
export function toolBlocks(calls: readonly GatheredCall[], finish: FinishReason, queryId: string): readonly object[] {
  return wholeCalls(calls, finish).map(({ call, given }) => toolBlock(call, given, queryId))
}
