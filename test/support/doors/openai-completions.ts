import assert from 'node:assert/strict'
import { type Door, type DoorAnswer, NOTHING, TOOL_SCHEMA } from './door.ts'
import { type OpenAiUsageJson, openAiChunks, openAiUsage } from './openai-chat.ts'

interface Body {
  readonly choices?: readonly {
    readonly text: string
    readonly logprobs: {
      readonly tokens: readonly string[]
      readonly token_logprobs: readonly number[]
      readonly top_logprobs: readonly object[]
    } | null
    readonly finish_reason: string | null
  }[]
  readonly usage?: OpenAiUsageJson | null
  readonly error?: { readonly message: string }
}

/** Puts chunks, or one whole body, together. */
function fold(bodies: readonly Body[]): DoorAnswer {
  const choices = bodies.flatMap(({ choices = [] }) => choices)
  const usage = bodies.findLast((body) => body.usage != null)?.usage
  return {
    ...NOTHING,
    text: choices.map(({ text }) => text).join(''),
    logprobs: choices.flatMap(({ logprobs }) => {
      const { tokens = [], token_logprobs: own = [], top_logprobs: top = [] } = logprobs ?? {}
      return tokens.map((token, i) => [token, own[i] ?? Number.NaN, Object.keys(top[i] ?? {}).length] as const)
    }),
    finish: choices.find(({ finish_reason }) => finish_reason !== null)?.finish_reason ?? undefined,
    usage: usage == null ? undefined : openAiUsage(usage),
    error: bodies.find(({ error }) => error !== undefined)?.error?.message,
  }
}

const IS_NO_CHAT = { because: 'a completion goes on with a text, and is no conversation' }

export const openAiCompletions: Door = {
  name: 'OpenAI, completions',
  path: '/v1/completions',
  ends: { stop: 'stop', length: 'length', calls: 'tool_calls' },
  cannot: {
    tools: { ...IS_NO_CHAT, refused: /calls no tools; send them to \/v1\/chat\/completions/ },
    'parallel tools': { ...IS_NO_CHAT, refused: /calls no tools; send them to \/v1\/chat\/completions/ },
    images: { ...IS_NO_CHAT, refused: /send messages to \/v1\/chat\/completions/ },
    'structured output': { ...IS_NO_CHAT, refused: /has no format; send a grammar instead/ },
    reasoning: { ...IS_NO_CHAT, ignored: 'reasoning_effort', answered: { text: 'yes', reasoning: '' } },
  },
  body: ({ stream, prompt, model, tools, image, schema, effort, maxTokens, stop, logprobs }) => {
    const picture = { type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } }
    return {
      model,
      stream,
      stream_options: stream ? { include_usage: true } : undefined,
      prompt,
      messages: image === undefined ? undefined : [{ role: 'user', content: [picture] }],
      tools: tools?.map((name) => ({ type: 'function', function: { name, parameters: TOOL_SCHEMA } })),
      response_format: schema && { type: 'json_schema', json_schema: { name: 'answer', schema } },
      reasoning_effort: effort,
      max_tokens: maxTokens,
      stop,
      logprobs,
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
