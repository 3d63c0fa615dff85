import assert from 'node:assert/strict'
import { type Door, type DoorAnswer, NOTHING, TOOL_SCHEMA } from './door.ts'

interface Token {
  readonly token: string
  readonly logprob: number
  readonly top_logprobs: readonly object[]
}

interface Part {
  readonly text: string
  readonly logprobs?: readonly Token[]
}

interface Item {
  readonly type: string
  readonly content?: readonly Part[]
  readonly call_id?: string
  readonly name?: string
  readonly arguments?: string
}

interface UsageJson {
  readonly input_tokens: number
  readonly input_tokens_details: { readonly cached_tokens: number }
  readonly output_tokens: number
  readonly output_tokens_details: { readonly reasoning_tokens: number }
}

interface ResponseJson {
  readonly status: string
  readonly output: readonly Item[]
  readonly incomplete_details: { readonly reason: string } | null
  readonly usage: UsageJson | null
  readonly error: { readonly message: string } | null
}

interface StreamEvent {
  readonly type: string
  readonly sequence_number: number
  readonly delta?: string
  readonly response?: ResponseJson
}

function partsOf(items: readonly Item[], type: string): readonly Part[] {
  return items.filter((item) => item.type === type).flatMap(({ content = [] }) => content)
}

function textOf(parts: readonly Part[]): string {
  return parts.map(({ text }) => text).join('')
}

function answerOf({ status, output, incomplete_details: why, usage, error }: ResponseJson): DoorAnswer {
  const said = partsOf(output, 'message')
  return {
    text: textOf(said),
    reasoning: textOf(partsOf(output, 'reasoning')),
    calls: output
      .filter(({ type }) => type === 'function_call')
      .map(({ call_id: id, name = '', arguments: given = '' }) => ({
        id,
        name,
        arguments: JSON.parse(given) as unknown,
      })),
    logprobs: said
      .flatMap(({ logprobs = [] }) => logprobs)
      .map(({ token, logprob, top_logprobs: top }) => [token, logprob, top.length]),
    finish: status === 'completed' ? status : why?.reason,
    usage: usage === null ? undefined : usageOf(usage),
    error: error?.message,
  }
}

function usageOf(usage: UsageJson): DoorAnswer['usage'] {
  return {
    prompt: usage.input_tokens,
    completion: usage.output_tokens,
    cached: usage.input_tokens_details.cached_tokens,
    reasoning: usage.output_tokens_details.reasoning_tokens,
  }
}

export const openAiResponses: Door = {
  name: 'OpenAI, responses',
  path: '/v1/responses',
  ends: { stop: 'completed', length: 'max_output_tokens', calls: 'completed' },
  cannot: {},
  body: ({ stream, prompt, model, tools, image, schema, effort, maxTokens, stop, logprobs }) => {
    const picture = { type: 'input_image', image_url: `data:image/png;base64,${image}` }
    return {
      model,
      stream,
      input:
        image === undefined ? prompt : [{ role: 'user', content: [{ type: 'input_text', text: prompt }, picture] }],
      tools: tools?.map((name) => ({ type: 'function', name, parameters: TOOL_SCHEMA })),
      text: schema && { format: { type: 'json_schema', name: 'answer', schema } },
      reasoning: effort && { effort },
      max_output_tokens: maxTokens,
      stop,
      include: logprobs === undefined ? undefined : ['message.output_text.logprobs'],
      top_logprobs: logprobs,
    }
  },
  whole: (body) => {
    const read = JSON.parse(body) as ResponseJson
    return read.output === undefined ? { ...NOTHING, error: read.error?.message } : answerOf(read)
  },
  stream: (body) => {
    const blocks = body.split('\n\n').filter((block) => block !== '' && !block.startsWith(':'))
    assert.equal(blocks.pop(), 'data: [DONE]')
    const events = blocks.map((block, number) => {
      const [name, data = ''] = block.split('\n')
      const event = JSON.parse(data.slice('data: '.length)) as StreamEvent
      assert.deepEqual([name, event.sequence_number], [`event: ${event.type}`, number])
      return event
    })
    const last = events.at(-1)?.response
    assert.ok(last !== undefined)
    const answer = answerOf(last)
    const told = events.filter(({ type }) => type === 'response.output_text.delta').map(({ delta }) => delta)
    assert.equal(told.join(''), answer.text)
    return answer
  },
}
