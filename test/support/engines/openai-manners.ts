/** How the engines that speak OpenAI's API differ on the wire: one row each, after what real ones were seen to send. */

/** Engines of which a capture shows the wire; the other kinds are taken to keep to the letter. */
export type OpenAiManner = 'plain' | 'llama-server' | 'vllm' | 'transformers'

export interface MannerRow {
  /** Delta of the first piece. */
  readonly first: object
  /** Further fields of each piece. */
  readonly around: object
  /** Further fields of each choice behind the first. */
  readonly beside: object
  /** Whether a piece without a reason says `null`; it is left out otherwise. */
  readonly nullReason: boolean
  /** Whether pieces without text come now and then. */
  readonly emptyPieces: boolean
  /** The field in which reasoning comes. */
  readonly reasoning: 'reasoning_content' | 'reasoning'
  /** Whether usage comes in a piece of its own behind the last; in the last otherwise. */
  readonly usageApart: boolean
  /** Whether `[DONE]` ends the stream, an error too. */
  readonly done: boolean
  readonly doneAfterError: boolean
  /** What the model is called in the answer, when it was asked for by this name. */
  readonly modelName: (asked: string) => string
  /** Further fields of the head. */
  readonly head: Readonly<Record<string, string>>
  readonly hangsUp: boolean
}

const plain: MannerRow = {
  first: { role: 'assistant', content: '' },
  around: {},
  beside: {},
  nullReason: true,
  emptyPieces: false,
  reasoning: 'reasoning_content',
  usageApart: true,
  done: true,
  doneAfterError: false,
  modelName: (asked) => asked,
  head: { 'cache-control': 'no-cache' },
  hangsUp: false,
}

export const OPENAI_MANNERS: Readonly<Record<OpenAiManner, MannerRow>> = {
  plain,
  'llama-server': {
    ...plain,
    first: { role: 'assistant', content: null },
    around: { system_fingerprint: 'b0-unknown' },
    // It promises to keep the connection, and closes it.
    head: { server: 'llama.cpp', 'x-accel-buffering': 'no', 'keep-alive': 'timeout=5, max=100' },
    hangsUp: true,
  },
  vllm: {
    ...plain,
    beside: { logprobs: null, token_ids: null },
    emptyPieces: true,
    reasoning: 'reasoning',
    doneAfterError: true,
    head: { server: 'uvicorn' },
  },
  transformers: {
    ...plain,
    first: { role: 'assistant' },
    around: { system_fingerprint: '' },
    nullReason: false,
    usageApart: false,
    done: false,
    modelName: (asked) => `${asked}@main`,
    head: { server: 'uvicorn' },
  },
}
