/** Ollama's two doors: their lines differ in where the text stands. */
import assert from 'node:assert/strict'
import { type Door, type DoorAnswer, type DoorAsk, TOOL_SCHEMA } from './door.ts'

interface Token {
  readonly token: string
  readonly logprob: number
  readonly top_logprobs?: readonly object[]
}

interface Line {
  readonly message?: {
    readonly content: string
    readonly thinking?: string
    readonly tool_calls?: readonly {
      readonly id: string
      readonly function: { readonly name: string; readonly arguments: object }
    }[]
  }
  /** Of generate, with the thoughts beside it. */
  readonly response?: string
  readonly thinking?: string
  readonly logprobs?: readonly Token[]
  readonly done?: boolean
  readonly done_reason?: string
  readonly prompt_eval_count?: number
  readonly eval_count?: number
  readonly error?: string
}

/** Puts lines, or one whole body, together. */
function fold(lines: readonly Line[]): DoorAnswer {
  const last = lines.at(-1)
  assert.ok(lines.slice(0, -1).every(({ done, error }) => done === false && error === undefined))
  const { prompt_eval_count: prompt, eval_count: completion } = last ?? {}
  return {
    text: lines.map(({ message, response }) => message?.content ?? response ?? '').join(''),
    reasoning: lines.map(({ message, thinking }) => message?.thinking ?? thinking ?? '').join(''),
    calls: lines
      .flatMap(({ message }) => message?.tool_calls ?? [])
      .map(({ id, function: { name, arguments: given } }) => ({ id, name, arguments: given })),
    logprobs: lines
      .flatMap(({ logprobs = [] }) => logprobs)
      .map(({ token, logprob, top_logprobs: top = [] }) => [token, logprob, top.length]),
    finish: last?.done === true ? last.done_reason : undefined,
    usage:
      prompt === undefined || completion === undefined
        ? undefined
        : { prompt, completion, cached: undefined, reasoning: undefined },
    error: last?.error,
  }
}

/** What both bodies say beside the prompt. */
function wishes({ stream, model, tools, schema, effort, maxTokens, stop, logprobs }: DoorAsk): object {
  return {
    model,
    stream,
    tools: tools?.map((name) => ({ type: 'function', function: { name, parameters: TOOL_SCHEMA } })),
    format: schema,
    think: effort,
    options: { num_predict: maxTokens, stop: stop && [stop] },
    ...(logprobs !== undefined && { logprobs: true, top_logprobs: logprobs }),
  }
}

const READ = {
  whole: (body: string) => fold([JSON.parse(body) as Line]),
  stream: (body: string) => {
    const lines = body.split('\n')
    assert.equal(lines.pop(), '')
    return fold(lines.map((line) => JSON.parse(line) as Line))
  },
}

/** It has one word for both ends. */
const ENDS = { stop: 'stop', length: 'length', calls: 'stop' }

const COUNTED = { prompt: 9, completion: 4, cached: undefined, reasoning: undefined }
const COUNTS_TOTALS = {
  because: 'a line tells how many tokens there were, and not of which kind',
  answered: { usage: COUNTED },
}
const CALLS_NOTHING = {
  because: 'it answers a prompt with a text',
  ignored: 'tools',
  answered: { text: 'Hello world', calls: [] },
}

export const ollamaChat: Door = {
  name: 'Ollama, chat',
  path: '/api/chat',
  ends: ENDS,
  cannot: { 'cached and reasoning tokens': COUNTS_TOTALS },
  body: (ask) => ({
    ...wishes(ask),
    messages: [{ role: 'user', content: ask.prompt, images: ask.image && [ask.image] }],
  }),
  ...READ,
}

export const ollamaGenerate: Door = {
  name: 'Ollama, generate',
  path: '/api/generate',
  ends: ENDS,
  cannot: {
    'cached and reasoning tokens': COUNTS_TOTALS,
    tools: CALLS_NOTHING,
    'parallel tools': CALLS_NOTHING,
  },
  body: (ask) => ({ ...wishes(ask), prompt: ask.prompt, images: ask.image && [ask.image] }),
  ...READ,
}
