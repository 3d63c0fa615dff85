import assert from 'node:assert/strict'
import { type Door, type DoorAnswer, NOTHING, TOOL_SCHEMA } from './door.ts'

interface BlockJson {
  readonly type: string
  readonly text?: string
  readonly thinking?: string
  readonly id?: string
  readonly name?: string
  readonly input?: object
}

interface UsageJson {
  readonly input_tokens: number
  readonly cache_read_input_tokens: number | null
  readonly output_tokens: number
  readonly output_tokens_details?: { readonly thinking_tokens: number } | null
}

interface MessageJson {
  readonly type: string
  readonly content?: readonly BlockJson[]
  readonly stop_reason?: string | null
  readonly usage?: UsageJson
  readonly error?: { readonly message: string }
}

interface EventJson extends MessageJson {
  readonly index?: number
  readonly message?: MessageJson
  readonly content_block?: BlockJson
  readonly delta?: {
    readonly type?: string
    readonly text?: string
    readonly thinking?: string
    readonly partial_json?: string
    readonly stop_reason?: string
  }
}

function answerOf({ content = [], stop_reason: reason, usage }: MessageJson): DoorAnswer {
  return {
    text: content.map(({ text = '' }) => text).join(''),
    reasoning: content.map(({ thinking = '' }) => thinking).join(''),
    calls: content
      .filter(({ type }) => type === 'tool_use')
      .map(({ id, name = '', input }) => ({ id, name, arguments: input })),
    logprobs: [],
    finish: reason ?? undefined,
    usage: usage === undefined ? undefined : usageOf(usage),
    error: undefined,
  }
}

/** What was in the cache does not count as read. */
function usageOf(usage: UsageJson): DoorAnswer['usage'] {
  const cached = usage.cache_read_input_tokens ?? 0
  return {
    prompt: usage.input_tokens + cached,
    completion: usage.output_tokens,
    cached,
    reasoning: usage.output_tokens_details?.thinking_tokens,
  }
}

/** A block while its pieces come. */
interface Growing {
  readonly block: BlockJson
  said: string
}

function grown({ block, said }: Growing): BlockJson {
  if (block.type === 'text') return { ...block, text: said }
  if (block.type === 'thinking') return { ...block, thinking: said }
  return { ...block, input: JSON.parse(said || '{}') as object }
}

/** Reads events in the order that the API promises: one block at a time, a start before and a stop behind its pieces. */
function foldEvents(events: readonly EventJson[]): DoorAnswer {
  const blocks: Growing[] = []
  let open: Growing | undefined
  let last: EventJson | undefined
  let error: string | undefined
  assert.ok(['message_start', 'error'].includes(events[0]?.type ?? ''))
  for (const event of events) {
    if (event.type === 'content_block_start') {
      assert.equal(open, undefined)
      assert.ok(event.content_block !== undefined)
      open = { block: event.content_block, said: '' }
      assert.equal(blocks.push(open) - 1, event.index)
    } else if (event.type === 'content_block_delta') {
      assert.ok(open !== undefined)
      assert.equal(event.index, blocks.length - 1)
      const { text, thinking, partial_json: json } = event.delta ?? {}
      open.said += text ?? thinking ?? json ?? ''
    } else if (event.type === 'content_block_stop') {
      assert.ok(open !== undefined)
      open = undefined
    } else if (event.type === 'message_delta') last = event
    else if (event.type === 'error') error = event.error?.message
  }
  assert.equal(events.at(-1)?.type, error === undefined ? 'message_stop' : 'error')
  const content = blocks.filter((block) => error === undefined || block !== open).map(grown)
  const cut = open === undefined || error === undefined ? '' : open.said
  const answer = answerOf({
    type: 'message',
    content,
    ...(last !== undefined && { stop_reason: last.delta?.stop_reason ?? null }),
    ...(last?.usage !== undefined && { usage: last.usage }),
  })
  return { ...answer, text: answer.text + cut, error }
}

export const anthropicMessages: Door = {
  name: 'Anthropic, messages',
  path: '/v1/messages',
  ends: { stop: 'end_turn', length: 'max_tokens', calls: 'tool_use' },
  cannot: {
    logprobs: { because: 'messages have no place for them', ignored: 'logprobs', answered: { text: 'Hello' } },
  },
  body: ({ stream, prompt, model, tools, image, schema, effort, maxTokens, stop, logprobs }) => {
    const picture = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: image } }
    return {
      model,
      stream,
      messages: [{ role: 'user', content: image === undefined ? prompt : [{ type: 'text', text: prompt }, picture] }],
      tools: tools?.map((name) => ({ name, input_schema: TOOL_SCHEMA })),
      output_config: (schema ?? effort) && {
        effort,
        ...(schema !== undefined && { format: { type: 'json_schema', schema } }),
      },
      thinking: effort && { type: 'adaptive' },
      max_tokens: maxTokens,
      stop_sequences: stop && [stop],
      logprobs: logprobs === undefined ? undefined : true,
    }
  },
  whole: (body) => {
    const read = JSON.parse(body) as MessageJson
    return read.type === 'error' ? { ...NOTHING, error: read.error?.message } : answerOf(read)
  },
  stream: (body) => {
    const frames = body.split('\n\n').filter((frame) => frame !== '' && !frame.startsWith(':'))
    const events = frames.map((frame) => {
      const [name, data = ''] = frame.split('\n')
      const event = JSON.parse(data.slice('data: '.length)) as EventJson
      assert.equal(name, `event: ${event.type}`)
      return event
    })
    return foldEvents(events.filter(({ type }) => type !== 'ping'))
  },
}
