/**
 * A real engine as the suite in test/engines knows it: how it is started, what it can do, and how it is asked without
 * realmesh in between.
 */
import type { EngineKind } from '../../../core/model/engine-kind.ts'

/** A server that runs. */
export interface RealServer {
  readonly url: string
  /** Ends it at once. */
  stop(): Promise<void>
}

export interface RealStart {
  /** The port to listen on. @default a free one */
  readonly port?: number
  /** Waits for the model. @default true */
  readonly wait?: boolean
}

/**
 * What the engine can do with the small model, which the suite then tries; false: that it is refused; `unsure`: that it
 * is told as not known.
 */
export interface RealAbilities {
  readonly tools: boolean | 'unsure'
  readonly structured: boolean | 'unsure'
  readonly seed: boolean
  readonly prefill: boolean
  /** Whether it tells how many queries it runs. */
  readonly load: boolean
  /** Whether it says of itself that it loads. */
  readonly loading: boolean
  /** Whether it refuses a prompt that its context does not hold. */
  readonly refusesLong: boolean
}

export interface RealEngine {
  readonly kind: EngineKind
  /** Name of the chat model as `models()` gives it. */
  readonly model: string
  readonly apiKey?: string
  /** Why it cannot be tried here, in one line; undefined when it can. */
  readonly missing: string | undefined
  /** Whether the gate installs it, so that its absence there is a failure. */
  readonly inGate: boolean
  /** Tokens of prompt and answer together, as it was started; undefined when it does not tell. */
  readonly context: number | undefined
  /** Queries at once, as it was started. */
  readonly slots: number
  readonly can: RealAbilities
  start(init?: RealStart): Promise<RealServer>
  /** Tests of this engine alone, beside the suite's. */
  more?(server: () => RealServer): void
  /** The whole answer of the engine itself, in one piece and at temperature 0. */
  direct(server: RealServer, ask: DirectAsk): Promise<DirectAnswer>
}

export interface DirectAsk {
  readonly prompt: string
  readonly maxTokens: number
  readonly stop?: readonly string[]
}

export interface DirectAnswer {
  readonly text: string
  readonly finishReason: string
  readonly promptTokens: number
  readonly completionTokens: number
}

/** Asks `/v1/chat/completions`, as most engines have it. */
export async function directOpenAi(
  { url }: RealServer,
  model: string,
  { prompt, maxTokens, stop }: DirectAsk,
  apiKey?: string,
): Promise<DirectAnswer> {
  const reply = await postJson(
    `${url}/v1/chat/completions`,
    {
      model,
      messages: [{ role: 'user', content: prompt }],
      max_tokens: maxTokens,
      temperature: 0,
      ...(stop && { stop }),
    },
    apiKey,
  )
  const answer = reply as {
    choices: readonly [{ message: { content: string }; finish_reason: string }]
    usage: { prompt_tokens: number; completion_tokens: number }
  }
  return {
    text: answer.choices[0].message.content,
    finishReason: answer.choices[0].finish_reason,
    promptTokens: answer.usage.prompt_tokens,
    completionTokens: answer.usage.completion_tokens,
  }
}

export async function postJson(url: string, body: unknown, apiKey?: string): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.status}: ${text.slice(0, 300)}`)
  return JSON.parse(text)
}
