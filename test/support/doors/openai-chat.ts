import assert from 'node:assert/strict'
import { type Door, type DoorAnswer, NOTHING, TOOL_SCHEMA } from './door.ts'

interface CallJson {
  readonly index?: number
  readonly id?: string
  readonly function: { readonly name?: string; readonly arguments: string }
}

interface Part {
  readonly content?: string | null
  readonly reasoning_content?: string
  readonly tool_calls?: readonly CallJson[]
}

interface Token {
  readonly token: string
  readonly logprob: number
  readonly top_logprobs: readonly object[]
}

export interface OpenAiUsageJson {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly prompt_tokens_details?: { readonly cached_tokens: number }
  readonly completion_tokens_details?: { readonly reasoning_tokens: number }
}

interface Body {
  readonly choices?: readonly {
    readonly message?: Part
    readonly delta?: Part
    readonly logprobs?: { readonly content: readonly Token[] } | null
    readonly finish_reason: string | null
  }[]
  readonly usage?: OpenAiUsageJson | null
  readonly error?: { readonly message: string }
}

export function openAiUsage(usage: OpenAiUsageJson): DoorAnswer['usage'] {
  return {
    prompt: usage.prompt_tokens,
    completion: usage.completion_tokens,
    cached: usage.prompt_tokens_details?.cached_tokens,
    reasoning: usage.completion_tokens_details?.reasoning_tokens,
  }
}

/** The chunks of a stream, and whether it has the mark of its end. */
export function openAiChunks<T>(body: string): { readonly chunks: readonly T[]; readonly done: boolean } {
  const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith(':'))
  const done = lines.at(-1) === 'data: [DONE]'
  const chunks = lines.slice(0, done ? -1 : undefined).map((line) => {
    assert.match(line, /^data: /)
    return JSON.parse(line.slice('data: '.length)) as T
  })
  return { chunks, done }
}

/** Puts chunks, or one whole body, together. */
function fold(bodies: readonly Body[]): DoorAnswer {
  let { text, reasoning, finish, usage, error } = NOTHING
  const calls: { id: string | undefined; name: string; json: string }[] = []
  const tokens: Token[] = []
  for (const body of bodies) {
    error ??= body.error?.message
    if (body.usage != null) usage = openAiUsage(body.usage)
    for (const { message, delta, logprobs, finish_reason } of body.choices ?? []) {
      const part = message ?? delta ?? {}
      text += part.content ?? ''
      reasoning += part.reasoning_content ?? ''
      tokens.push(...(logprobs?.content ?? []))
      finish ??= finish_reason ?? undefined
      for (const [i, { index = i, id, function: piece }] of (part.tool_calls ?? []).entries()) {
        const known = calls[index]
        if (known === undefined) calls.push({ id, name: piece.name ?? '', json: piece.arguments })
        else known.json += piece.arguments
      }
    }
  }
  return {
    text,
    reasoning,
    calls: calls.map(({ id, name, json }) => ({ id, name, arguments: JSON.parse(json) as unknown })),
    logprobs: tokens.map(({ token, logprob, top_logprobs: top }) => [token, logprob, top.length]),
    finish,
    usage,
    error,
  }
}

export const openAiChat: Door = {
  name: 'OpenAI, chat completions',
  path: '/v1/chat/completions',
  ends: { stop: 'stop', length: 'length', calls: 'tool_calls' },
  cannot: {},
  body: ({ stream, prompt, model, tools, image, schema, effort, maxTokens, stop, logprobs }) => {
    const picture = { type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } }
    const content = image === undefined ? prompt : [{ type: 'text', text: prompt }, picture]
    return {
      model,
      stream,
      stream_options: stream ? { include_usage: true } : undefined,
      messages: [{ role: 'user', content }],
      tools: tools?.map((name) => ({ type: 'function', function: { name, parameters: TOOL_SCHEMA } })),
      response_format: schema && { type: 'json_schema', json_schema: { name: 'answer', schema } },
      reasoning_effort: effort,
      max_tokens: maxTokens,
      stop,
      ...(logprobs !== undefined && { logprobs: true, top_logprobs: logprobs }),
    }
  },
  whole: (body) => fold([JSON.parse(body) as Body]),
  stream: (body) => {
    const { chunks, done } = openAiChunks<Body>(body)
    const answer = fold(chunks)
    assert.equal(answer.finish !== undefined, done)
    return answer
  },
}
