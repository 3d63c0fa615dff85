import assert from 'node:assert/strict'
import { type DoorAnswer, type DoorDriver, doorContract } from './door-contract.ts'

interface Item {
  readonly type: string
  readonly content?: readonly { readonly text: string }[]
  readonly name?: string
  readonly arguments?: string
}

interface ResponseJson {
  readonly status: string
  readonly output: readonly Item[]
  readonly incomplete_details: { readonly reason: string } | null
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number } | null
  readonly error: { readonly message: string } | null
}

interface StreamEvent {
  readonly type: string
  readonly sequence_number: number
  readonly delta?: string
  readonly response?: ResponseJson
}

function textOf(items: readonly Item[], type: string): string {
  const parts = items.filter((item) => item.type === type).flatMap(({ content = [] }) => content)
  return parts.map(({ text }) => text).join('')
}

function answerOf({ status, output, incomplete_details: why, usage, error }: ResponseJson): DoorAnswer {
  return {
    text: textOf(output, 'message'),
    reasoning: textOf(output, 'reasoning'),
    calls: output
      .filter(({ type }) => type === 'function_call')
      .map(({ name = '', arguments: given = '' }) => ({ name, arguments: JSON.parse(given) as unknown })),
    finish: status === 'completed' ? 'stop' : why?.reason,
    usage: usage === null ? undefined : [usage.input_tokens, usage.output_tokens],
    error: error?.message,
  }
}

const responses: DoorDriver = {
  name: 'OpenAI, responses',
  length: 'max_output_tokens',
  called: 'stop',
  request: ({ stream, prompt, model = 'tiny', tools, image, schema, effort, maxTokens, stop }) => {
    const picture = { type: 'input_image', image_url: `data:image/png;base64,${image}` }
    const parameters = { type: 'object', properties: { place: { type: 'string' } } }
    return {
      path: '/v1/responses',
      body: {
        model,
        stream,
        input:
          image === undefined ? prompt : [{ role: 'user', content: [{ type: 'input_text', text: prompt }, picture] }],
        tools: tools?.map((name) => ({ type: 'function', name, parameters })),
        text: schema && { format: { type: 'json_schema', name: 'answer', schema } },
        reasoning: effort && { effort },
        max_output_tokens: maxTokens,
        stop,
      },
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

const NOTHING: DoorAnswer = {
  ...{ text: '', reasoning: '', calls: [] },
  ...{ finish: undefined, usage: undefined, error: undefined },
}

doorContract(responses)
