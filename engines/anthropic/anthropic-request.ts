/** A query in the words of Anthropic's Messages API. Pure translation. */
import { defined } from '../../core/defined.ts'
import type { ChatBody, ChatMessage, ChatQuery, Sampling } from '../../core/query/query.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { asObject, type JsonObject } from '../http/json-shape.ts'

/** The API wants a limit; every Claude model can write this much. */
const DEFAULT_MAX_TOKENS = 4096

/** Tokens of thinking per effort; they come on top of the limit for the answer. */
const THINKING_TOKENS = { low: 1024, medium: 4096, high: 16_000 } as const

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

function toolInput(text: string): JsonObject {
  try {
    return asObject(JSON.parse(text === '' ? '{}' : text)) ?? {}
  } catch (cause) {
    throw new RealmeshError('BAD_REQUEST', 'the arguments of a tool call are not JSON', { cause })
  }
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
    input: toolInput(call.arguments),
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

function thinking(body: ChatBody): number {
  if (body.think === undefined || body.think === false) return 0
  return THINKING_TOKENS[body.think === true ? 'medium' : body.think]
}

/** The body of `/v1/messages`, always streamed. */
export function anthropicBody({ model, body }: ChatQuery): JsonObject {
  const sampling = body.sampling ?? {}
  refuseUnknown(sampling)
  const budget = thinking(body)
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
