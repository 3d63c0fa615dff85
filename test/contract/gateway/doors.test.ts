import assert from 'node:assert/strict'
import { type DoorAnswer, type DoorAsk, type DoorDriver, doorContract } from './door-contract.ts'

type Json = Record<string, unknown>

const NOTHING: DoorAnswer = {
  text: '',
  reasoning: '',
  calls: [],
  finish: undefined,
  usage: undefined,
  error: undefined,
}

function toolsOf({ tools }: DoorAsk): Json {
  if (tools === undefined) return {}
  const parameters = { type: 'object', properties: { place: { type: 'string' } } }
  return { tools: tools.map((name) => ({ type: 'function', function: { name, parameters } })) }
}

interface OpenAiCall {
  readonly index?: number
  readonly function: { readonly name?: string; readonly arguments: string }
}

interface OpenAiPart {
  readonly content?: string | null
  readonly reasoning_content?: string
  readonly tool_calls?: readonly OpenAiCall[]
}

interface OpenAiBody {
  readonly choices?: readonly {
    readonly message?: OpenAiPart
    readonly delta?: OpenAiPart
    readonly finish_reason: string | null
  }[]
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null
  readonly error?: { readonly message: string }
}

/** Puts chunks, or one whole body, together. */
function foldOpenAi(bodies: readonly OpenAiBody[]): DoorAnswer {
  let { text, reasoning, finish, usage, error } = NOTHING
  const calls: { name: string; arguments: string }[] = []
  for (const body of bodies) {
    error ??= body.error?.message
    if (body.usage != null) usage = [body.usage.prompt_tokens, body.usage.completion_tokens]
    for (const { message, delta, finish_reason } of body.choices ?? []) {
      const part = message ?? delta ?? {}
      text += part.content ?? ''
      reasoning += part.reasoning_content ?? ''
      finish ??= finish_reason ?? undefined
      for (const [i, call] of (part.tool_calls ?? []).entries()) {
        const known = calls[call.index ?? i]
        if (known !== undefined) known.arguments += call.function.arguments
        else calls.push({ name: call.function.name ?? '', arguments: call.function.arguments })
      }
    }
  }
  return {
    text,
    reasoning,
    finish,
    usage,
    error,
    calls: calls.map(({ name, arguments: given }) => ({ name, arguments: JSON.parse(given) as unknown })),
  }
}

const openAiChat: DoorDriver = {
  name: 'OpenAI, chat completions',
  length: 'length',
  called: 'tool_calls',
  request: (ask) => {
    const { stream, prompt, model = 'tiny', image, schema, effort, maxTokens, stop } = ask
    const picture = { type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } }
    const content = image === undefined ? prompt : [{ type: 'text', text: prompt }, picture]
    return {
      path: '/v1/chat/completions',
      body: {
        model,
        stream,
        stream_options: stream ? { include_usage: true } : undefined,
        messages: [{ role: 'user', content }],
        ...toolsOf(ask),
        response_format: schema && { type: 'json_schema', json_schema: { name: 'answer', schema } },
        reasoning_effort: effort,
        max_tokens: maxTokens,
        stop,
      },
    }
  },
  whole: (body) => foldOpenAi([JSON.parse(body) as OpenAiBody]),
  stream: (body) => {
    const data = body.split('\n').filter((line) => line !== '' && !line.startsWith(':'))
    const done = data.indexOf('data: [DONE]')
    assert.ok(done < 0 || done === data.length - 1, 'nothing follows the mark of the end')
    const answer = foldOpenAi(
      data.slice(0, done < 0 ? undefined : done).map((line) => {
        assert.match(line, /^data: /)
        return JSON.parse(line.slice('data: '.length)) as OpenAiBody
      }),
    )
    assert.equal(answer.finish === undefined, done < 0)
    return answer
  },
}

interface OllamaLine {
  readonly message?: {
    readonly content: string
    readonly thinking?: string
    readonly tool_calls?: readonly { readonly function: { readonly name: string; readonly arguments: object } }[]
  }
  /** Of generate, with the thoughts beside it. */
  readonly response?: string
  readonly thinking?: string
  readonly done?: boolean
  readonly done_reason?: string
  readonly prompt_eval_count?: number
  readonly eval_count?: number
  readonly error?: string
}

function foldOllama(lines: readonly OllamaLine[]): DoorAnswer {
  const last = lines.at(-1)
  assert.ok(lines.slice(0, -1).every(({ done, error }) => done === false && error === undefined))
  const { prompt_eval_count: prompt, eval_count: told } = last ?? {}
  return {
    text: lines.map(({ message, response }) => message?.content ?? response ?? '').join(''),
    reasoning: lines.map(({ message, thinking }) => message?.thinking ?? thinking ?? '').join(''),
    calls: lines
      .flatMap(({ message }) => message?.tool_calls ?? [])
      .map(({ function: { name, arguments: given } }) => ({ name, arguments: given })),
    finish: last?.done === true ? last.done_reason : undefined,
    usage: prompt === undefined || told === undefined ? undefined : [prompt, told],
    error: last?.error,
  }
}

const ollamaChat: DoorDriver = {
  name: 'Ollama, chat',
  length: 'length',
  called: 'stop',
  request: (ask) => {
    const { stream, prompt, model = 'tiny', image, schema, effort, maxTokens, stop } = ask
    return {
      path: '/api/chat',
      body: {
        model,
        stream,
        messages: [{ role: 'user', content: prompt, images: image && [image] }],
        ...toolsOf(ask),
        format: schema,
        think: effort,
        options: { num_predict: maxTokens, stop: stop && [stop] },
      },
    }
  },
  whole: (body) => foldOllama([JSON.parse(body) as OllamaLine]),
  stream: ollamaStream,
}

function ollamaStream(body: string): DoorAnswer {
  assert.ok(body.endsWith('\n'))
  return foldOllama(
    body
      .slice(0, -1)
      .split('\n')
      .map((line) => JSON.parse(line) as OllamaLine),
  )
}

const ollamaGenerate: DoorDriver = {
  name: 'Ollama, generate',
  length: 'length',
  request: (ask) => {
    const { stream, prompt, model = 'tiny', image, schema, effort, maxTokens, stop } = ask
    return {
      path: '/api/generate',
      body: {
        model,
        stream,
        prompt,
        images: image && [image],
        ...toolsOf(ask),
        format: schema,
        think: effort,
        options: { num_predict: maxTokens, stop: stop && [stop] },
      },
    }
  },
  whole: (body) => foldOllama([JSON.parse(body) as OllamaLine]),
  stream: ollamaStream,
}

doorContract(openAiChat)
doorContract(ollamaChat)
doorContract(ollamaGenerate)
