/** The response as an object: what was asked, how it stands, what came. */
import type { EndEvent, FinishReason, Usage } from '../../../../core/query/query-event.ts'
import type { Extras } from '../../../answer/extras.ts'
import { type HttpProblem, spoken } from '../../../request/errors.ts'
import { customNames } from '../asked/custom-tools.ts'
import type { ResponseBody } from '../asked/response-schema.ts'
import { type ItemFormat, itemBody, type OutputItem } from './output-items.ts'

/** How a response stands. */
export type ResponseStatus = 'queued' | 'in_progress' | 'completed' | 'incomplete' | 'failed' | 'cancelled'

/** An error within a response. */
export interface ResponseFault {
  readonly code: string
  readonly message: string
}

/** An error as it stands in a response. */
export function faultOf(problem: HttpProblem): ResponseFault {
  return { code: problem.code, message: spoken(problem) }
}

/** What stays the same within one response. */
export interface ResponseHead {
  readonly id: string
  /** Seconds since the epoch. */
  readonly created: number
  readonly model: string
}

/** What is told of a response at one moment. */
export interface ResponseState {
  readonly status: ResponseStatus
  readonly items: readonly OutputItem[]
  readonly end?: EndEvent | undefined
  readonly fault?: ResponseFault | undefined
  /** Seconds since the epoch, once it has ended well. */
  readonly completed?: number | undefined
  readonly extras?: Extras | undefined
}

/** What a response repeats of its request: all but the input. */
export type EchoedBody = Omit<ResponseBody, 'input'>

export function responseId(queryId: string): string {
  return `resp_${queryId}`
}

/** `body`: as it was asked, which a response repeats. What is undefined is left out of the JSON. */
export function responseObject(head: ResponseHead, body: EchoedBody, state: ResponseState): object {
  const { status, items, end, fault, completed, extras } = state
  const format = itemFormat(body)
  return {
    id: head.id,
    object: 'response',
    created_at: head.created,
    completed_at: completed ?? null,
    status,
    background: body.background ?? false,
    error: fault ?? null,
    incomplete_details: status === 'incomplete' ? { reason: REASONS[end?.finishReason ?? 'length'] } : null,
    model: head.model,
    output: items.map((item) => itemBody(item, format)),
    usage: usageOf(status, end?.usage),
    ...echoOf(body),
    realmesh: extras,
  }
}

/** Why an answer is not complete, in OpenAI's words. */
const REASONS: Readonly<Record<FinishReason, string>> = {
  stop: 'max_output_tokens',
  tool_calls: 'max_output_tokens',
  length: 'max_output_tokens',
  content_filter: 'content_filter',
}

/** How a response stands after an end. */
export function statusAfter({ finishReason }: EndEvent): 'completed' | 'incomplete' {
  return finishReason === 'length' || finishReason === 'content_filter' ? 'incomplete' : 'completed'
}

export function itemFormat({ reasoning, tools }: Pick<ResponseBody, 'reasoning' | 'tools'>): ItemFormat {
  return { summary: reasoning?.summary != null, custom: customNames(tools) }
}

function usageOf(status: ResponseStatus, usage: Usage | undefined): object | null {
  return status === 'completed' || status === 'incomplete' ? usageBody(usage) : null
}

/** Zeros where the engine did not count: clients add these numbers up without looking. */
export function usageBody(usage: Usage | undefined): object {
  const { promptTokens, completionTokens, cachedTokens = 0, reasoningTokens = 0 } = usage ?? NO_USAGE
  return {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: cachedTokens },
    output_tokens: completionTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: promptTokens + completionTokens,
  }
}

const NO_USAGE: Usage = { promptTokens: 0, completionTokens: 0 }

/** What a function does not say is null: Open Responses wants its fields there. */
function toldTool(tool: Readonly<Record<string, unknown>>): object {
  return tool['type'] === 'function' ? { description: null, parameters: null, strict: null, ...tool } : tool
}

/**
 * The request, repeated. Where it says nothing stands what OpenAI's default is, as the types of clients and Open
 * Responses want a value; by what the engine sampled in truth stands in the receipt.
 */
function echoOf(body: EchoedBody): object {
  return {
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    metadata: body.metadata ?? {},
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    reasoning: { effort: body.reasoning?.effort ?? null, summary: body.reasoning?.summary ?? null },
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: body.text?.format == null ? { ...body.text, format: { type: 'text' } } : body.text,
    tool_choice: body.tool_choice ?? 'auto',
    tools: (body.tools ?? []).map(toldTool),
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? 1,
    frequency_penalty: body.frequency_penalty ?? 0,
    presence_penalty: body.presence_penalty ?? 0,
    max_tool_calls: null,
    safety_identifier: null,
    prompt_cache_key: null,
    truncation: 'disabled',
    service_tier: 'default',
  }
}
