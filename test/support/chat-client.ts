/**
 * A client that streams one chat answer and is strict about how it ends. Reads bytes, so that nothing repairs a broken
 * stream for it.
 */
import type { Readable } from 'node:stream'
import { type Dispatcher, request } from 'undici'

export interface ChatAsk {
  readonly content: string
  /** @default 'tiny' */
  readonly model?: string
  /** Sent as `x-realmesh-query-id`. */
  readonly id?: string
  /** Leaves, by closing the connection, when so many pieces of text have come. */
  readonly leaveAfter?: number
  /** Called with the node that serves, before the first piece of text. */
  readonly onHead?: (node: string | undefined) => void
  /** Called with each piece of text and its number, from 1. */
  readonly onPiece?: (piece: string, number: number) => void
  readonly dispatcher?: Dispatcher
}

export interface ChatResult {
  /** `done`, `left`, or the error's code; `broken: …` when the stream does not end as the API says. */
  readonly kind: string
  readonly status: number
  readonly id: string | undefined
  readonly node: string | undefined
  readonly text: string
  readonly message: string
  /** Milliseconds from the request to the first piece of text; -1 without one. */
  readonly firstTextMs: number
  readonly totalMs: number
}

interface Chunk {
  readonly choices?: readonly {
    readonly delta?: { readonly content?: string }
    readonly finish_reason?: string | null
  }[]
  readonly error?: { readonly code?: string; readonly message?: string }
}

/** Asks a gateway at `http`. Never throws for what the daemon does; a connection that breaks is `broken: …`. */
export async function streamChat(http: string, ask: ChatAsk): Promise<ChatResult> {
  const started = performance.now()
  const reading = new Reading(ask, started)
  let status = 0
  let headers: Record<string, string | string[] | undefined> = {}
  try {
    const response = await request(`${http}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(ask.id === undefined ? {} : { 'x-realmesh-query-id': ask.id }),
      },
      body: JSON.stringify({
        model: ask.model ?? 'tiny',
        stream: true,
        messages: [{ role: 'user', content: ask.content }],
      }),
      headersTimeout: 120_000,
      bodyTimeout: 120_000,
      ...(ask.dispatcher === undefined ? {} : { dispatcher: ask.dispatcher }),
    })
    status = response.statusCode
    headers = response.headers
    ask.onHead?.(headers['x-realmesh-node']?.toString())
    if (status === 200) await reading.read(response.body)
    else reading.refused(await response.body.text())
  } catch (error) {
    reading.broke(error)
  }
  const header = (name: string): string | undefined => headers[name]?.toString()
  return {
    ...reading.result(),
    status,
    id: header('x-realmesh-query') ?? ask.id,
    node: header('x-realmesh-node'),
    totalMs: performance.now() - started,
  }
}

/** Folds the lines of a stream, and counts how often it ended. */
class Reading {
  readonly #ask: ChatAsk
  readonly #started: number
  readonly #ends: string[] = []
  #text = ''
  #pieces = 0
  #finishes = 0
  #message = ''
  #firstTextMs = -1
  #left = false

  constructor(ask: ChatAsk, started: number) {
    this.#ask = ask
    this.#started = started
  }

  async read(body: Readable): Promise<void> {
    let rest = ''
    body.setEncoding('utf8')
    for await (const part of body) {
      const lines = (rest + String(part)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#line(line)
      if (this.#left) return // leaving the loop closes the connection
    }
  }

  refused(body: string): void {
    this.#error((JSON.parse(body) as Chunk).error)
  }

  broke(error: unknown): void {
    if (!this.#left) this.#ends.push(`broken: ${error instanceof Error ? error.message : String(error)}`)
  }

  result(): Pick<ChatResult, 'kind' | 'text' | 'message' | 'firstTextMs'> {
    const [first, ...more] = this.#ends
    let kind = first ?? 'broken: no end'
    if (this.#left) kind = 'left'
    else if (more.length > 0) kind = `broken: ends ${this.#ends.join(', ')}`
    else if (kind === 'done' && this.#finishes !== 1) kind = `broken: ${this.#finishes} finish reasons`
    return { kind, text: this.#text, message: this.#message, firstTextMs: this.#firstTextMs }
  }

  #line(line: string): void {
    if (this.#left || !line.startsWith('data: ')) return
    const data = line.slice('data: '.length)
    if (data === '[DONE]') {
      this.#ends.push('done')
      return
    }
    const chunk = JSON.parse(data) as Chunk
    if (chunk.error !== undefined) this.#error(chunk.error)
    const choice = chunk.choices?.[0]
    if (typeof choice?.finish_reason === 'string') this.#finishes += 1
    const piece = choice?.delta?.content ?? ''
    if (piece !== '') this.#piece(piece)
  }

  #piece(piece: string): void {
    if (this.#pieces === 0) this.#firstTextMs = performance.now() - this.#started
    if (this.#ends.length > 0) this.#ends.push('text behind the end')
    this.#text += piece
    this.#pieces += 1
    this.#ask.onPiece?.(piece, this.#pieces)
    this.#left = this.#pieces === this.#ask.leaveAfter
  }

  #error(error: Chunk['error']): void {
    this.#ends.push(error?.code ?? 'an error without a code')
    this.#message = error?.message ?? ''
  }
}
