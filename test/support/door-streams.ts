/** How a stream is asked for at each door of a gateway, and what its lines say: strict, so that nothing is repaired. */

/** What one line of a stream says. */
export interface Said {
  readonly text?: string
  /** The answer has ended, well or with its error. */
  readonly ended?: string
  /** The running number of the event, where the door counts. */
  readonly number?: number
}

export interface DoorStream {
  readonly name: string
  readonly path: string
  readonly body: (model: string, prompt: string) => object
  /** `line`: one line of the answer, without its end. */
  readonly read: (line: string) => Said
}

interface Line {
  readonly type?: string
  readonly error?: unknown
  readonly choices?: readonly { readonly delta?: { readonly content?: string }; readonly text?: string }[]
  readonly delta?: string | { readonly text?: string }
  readonly sequence_number?: number
  readonly message?: { readonly content?: string }
  readonly response?: unknown
  readonly done?: boolean
}

const DONE = 'done'
const NOTHING: Said = {}

const messages = (prompt: string) => [{ role: 'user', content: prompt }]

/** A line of an event stream that holds data; others are names and comments. */
function sse(read: (line: Line) => Said, last?: string): (line: string) => Said {
  return (line) => {
    if (!line.startsWith('data: ')) return NOTHING
    const data = line.slice('data: '.length)
    if (data === last) return { ended: DONE }
    if (data === '[DONE]') return NOTHING
    const said = JSON.parse(data) as Line
    return said.error === undefined ? read(said) : { ended: JSON.stringify(said.error) }
  }
}

function ndjson(textOf: (line: Line) => string | undefined): (line: string) => Said {
  return (line) => {
    if (line === '') return NOTHING
    const said = JSON.parse(line) as Line
    if (said.error !== undefined) return { ended: JSON.stringify(said.error) }
    const text = textOf(said) ?? ''
    return said.done === true ? { text, ended: DONE } : { text }
  }
}

const readResponse = sse(({ type, delta, sequence_number: number = Number.NaN }) => {
  if (type === 'response.output_text.delta') return { number, text: String(delta) }
  if (type === 'response.completed') return { number, ended: DONE }
  return type === 'response.failed' || type === 'response.incomplete' ? { number, ended: type } : { number }
})

export const DOOR_STREAMS: readonly DoorStream[] = [
  {
    name: 'chat completions',
    path: '/v1/chat/completions',
    body: (model, prompt) => ({ model, stream: true, messages: messages(prompt) }),
    read: sse(({ choices }) => ({ text: choices?.[0]?.delta?.content ?? '' }), '[DONE]'),
  },
  {
    name: 'completions',
    path: '/v1/completions',
    body: (model, prompt) => ({ model, stream: true, prompt }),
    read: sse(({ choices }) => ({ text: choices?.[0]?.text ?? '' }), '[DONE]'),
  },
  {
    name: 'responses, not kept',
    path: '/v1/responses',
    body: (model, input) => ({ model, stream: true, store: false, input }),
    read: readResponse,
  },
  {
    name: 'responses, kept',
    path: '/v1/responses',
    body: (model, input) => ({ model, stream: true, input }),
    read: readResponse,
  },
  {
    name: 'messages',
    path: '/v1/messages',
    body: (model, prompt) => ({ model, stream: true, max_tokens: 10_000, messages: messages(prompt) }),
    read: sse(({ type, delta }) => {
      if (type === 'content_block_delta') return { text: typeof delta === 'object' ? (delta.text ?? '') : '' }
      return type === 'message_stop' ? { ended: DONE } : NOTHING
    }),
  },
  {
    name: 'Ollama, chat',
    path: '/api/chat',
    body: (model, prompt) => ({ model, messages: messages(prompt) }),
    read: ndjson(({ message }) => message?.content),
  },
  {
    name: 'Ollama, generate',
    path: '/api/generate',
    body: (model, prompt) => ({ model, prompt }),
    read: ndjson(({ response }) => (typeof response === 'string' ? response : undefined)),
  },
]
