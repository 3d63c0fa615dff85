/** A query in the words of Anthropic's Messages API. Pure translation. */
import { defined } from '../../core/defined.ts'
import type { ChatBody, ChatMessage, ChatQuery, Sampling } from '../../core/query/query.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { toolArguments } from '../adapter/tool-calls.ts'
import type { JsonObject } from '../http/json-shape.ts'

/** The API wants a limit; every Claude model can write this much. */
const DEFAULT_MAX_TOKENS = 4096

/** Tokens of thinking per effort; they come on top of the limit for the answer. */
const THINKING_TOKENS = { low: 1024, medium: 4096, high: 16_000 } as const

/** The API's own bound for `top_p` beside thinking. */
const LEAST_TOP_P_OF_THINKING = 0.95

type Block = JsonObject

interface Turn {
  readonly role: 'user' | 'assistant'
  readonly content: Block[]
}

function contentBlocks({ content }: ChatMessage): Block[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  return content.map((part) =>
    part.type === 'text'
      ? { type: 'text', text: part.text }
      : { type: 'image', source: { type: 'base64', media_type: part.mediaType, data: part.data } },
  )
}

function turnOf(message: ChatMessage): Turn {
  if (message.role === 'tool') {
    const result = { type: 'tool_result', tool_use_id: message.toolCallId ?? '', content: contentBlocks(message) }
    return { role: 'user', content: [result] }
  }
  const calls = (message.toolCalls ?? []).map((call) => ({
    type: 'tool_use',
    id: call.id,
    name: call.name,
    input: toolArguments(call),
  }))
  return { role: message.role === 'assistant' ? 'assistant' : 'user', content: [...contentBlocks(message), ...calls] }
}

/** The API wants user and assistant in turn, so neighbours of one role become one turn. */
function turns(messages: readonly ChatMessage[]): readonly Turn[] {
  const all: Turn[] = []
  for (const turn of messages.filter((message) => message.role !== 'system').map(turnOf)) {
    const last = all.at(-1)
    if (last?.role === turn.role) last.content.push(...turn.content)
    else if (turn.content.length > 0) all.push(turn)
  }
  return all
}

function toolChoice(body: ChatBody): JsonObject | undefined {
  const choice = body.toolChoice
  if (typeof choice === 'object') return { type: 'tool', name: choice.name }
  return choice === 'required' ? { type: 'any' } : undefined
}

function tools(body: ChatBody): JsonObject {
  if (body.tools === undefined || body.tools.length === 0 || body.toolChoice === 'none') return {}
  return defined({
    tools: body.tools.map((tool) => ({
      name: tool.name,
      input_schema: tool.parameters ?? { type: 'object', properties: {} },
      ...defined({ description: tool.description }),
    })),
    tool_choice: toolChoice(body),
  })
}

/** What the API has no word for and would change the answer. A seed is left out: it promises nothing anywhere. */
function refuseUnknown(sampling: Sampling): void {
  const { minP, frequencyPenalty, presencePenalty, repeatPenalty } = sampling
  if (minP === undefined && !frequencyPenalty && !presencePenalty && (repeatPenalty ?? 1) === 1) return
  throw new RealmeshError('CAPABILITY_MISSING', 'Claude has no min_p and no penalties', { fix: 'leave them out' })
}

/**
 * Tokens to think with; 0 for none. Between a tool's call and the answer the API wants its own signed thoughts back,
 * which no client has, so that turn goes on without.
 */
function thinkingTokens(body: ChatBody): number {
  if (body.think === undefined || body.think === false || body.messages.at(-1)?.role === 'tool') return 0
  return THINKING_TOKENS[body.think === true ? 'medium' : body.think]
}

/** The API refuses thoughts under settings that change how they are written, and before a tool that must be called. */
function refuseBesideThinking({ sampling = {}, toolChoice: choice = 'auto' }: ChatBody): void {
  const { temperature = 1, topP = 1, topK } = sampling
  const forced = typeof choice === 'object' || choice === 'required'
  if (temperature === 1 && topP >= LEAST_TOP_P_OF_THINKING && topK === undefined && !forced) return
  throw new RealmeshError(
    'CAPABILITY_MISSING',
    forced ? 'Claude does not think before a tool that it must call' : 'Claude thinks with its own sampling only',
    {
      fix: forced
        ? 'leave tool_choice at auto, or reasoning off'
        : 'leave temperature, top_k and top_p out, or reasoning off',
    },
  )
}

/**
 * The body of `/v1/messages`, always streamed. Throws `CAPABILITY_MISSING`, and `BAD_REQUEST` for a tool call that is
 * none.
 */
export function anthropicBody({ model, body }: ChatQuery): JsonObject {
  const sampling = body.sampling ?? {}
  refuseUnknown(sampling)
  const budget = thinkingTokens(body)
  if (budget > 0) refuseBesideThinking(body)
  const system = body.messages.filter((message) => message.role === 'system').flatMap(contentBlocks)
  return {
    model,
    messages: turns(body.messages),
    max_tokens: (sampling.maxTokens ?? DEFAULT_MAX_TOKENS) + budget,
    stream: true,
    ...tools(body),
    ...defined({
      system: system.length > 0 ? system : undefined,
      temperature: sampling.temperature,
      top_p: sampling.topP,
      top_k: sampling.topK,
      stop_sequences: sampling.stop,
      thinking: budget > 0 ? { type: 'enabled', budget_tokens: budget } : undefined,
    }),
  }
}
