/** Asks one query at a node's gateway and is strict about how it ends. */
import type { Readable } from 'node:stream'
import { request } from 'undici'
import { simulatedWords } from '../engine/simulated-answer.ts'
import type { GatewayDoor } from './played-node.ts'

/** How a query ended: with its whole answer, with another one, with an error, or not at all. */
export type QueryEnd = 'well' | 'wrong' | 'error' | 'lost'

export interface QuestionPlan {
  readonly prompt: string
  readonly model: string
  readonly tokens: number
}

export interface PlayedQuery extends QuestionPlan {
  /** The node that was asked. */
  readonly from: string
  /** Wall clock, milliseconds. */
  readonly begunAt: number
  /** As the gateway named it: then it was accepted. */
  readonly id: string | undefined
  readonly end: QueryEnd
  /** Of an error; why it is lost. */
  readonly why?: string
  /** Milliseconds to the first text; absent without any. */
  readonly firstMs?: number
  readonly tookMs: number
  /** How often it ended: once is right. */
  readonly ends: number
}

/** A client waits so long between two bytes before it takes an answer for lost. */
const PATIENCE_MS = 120_000

/** Never throws for what the node does. */
export async function playQuery(from: string, door: GatewayDoor, plan: QuestionPlan): Promise<PlayedQuery> {
  const begunAt = Date.now()
  const began = performance.now()
  const reading = new AnswerReading(began)
  let id: string | undefined
  try {
    const response = await request(`${door.http}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: plan.model,
        stream: true,
        max_tokens: plan.tokens,
        messages: [{ role: 'user', content: plan.prompt }],
      }),
      headersTimeout: PATIENCE_MS,
      bodyTimeout: PATIENCE_MS,
      dispatcher: door.dispatcher,
    })
    id = response.headers['x-realmesh-query']?.toString()
    if (response.statusCode === 200) await reading.read(response.body)
    else reading.error(JSON.parse(await response.body.text()))
  } catch (error) {
    reading.broke(error)
  }
  const expected = simulatedWords(plan.prompt, plan.tokens).join('')
  return { ...plan, from, begunAt, id, ...reading.result(expected), tookMs: performance.now() - began }
}

interface AnswerChunk {
  readonly choices?: readonly { readonly delta?: { readonly content?: string } }[]
  readonly error?: { readonly code?: string }
}

class AnswerReading {
  readonly #began: number
  readonly #ends: string[] = []
  #text = ''
  #firstMs: number | undefined
  #broken: string | undefined

  constructor(began: number) {
    this.#began = began
  }

  async read(body: Readable): Promise<void> {
    let rest = ''
    body.setEncoding('utf8')
    for await (const part of body) {
      const lines = (rest + String(part)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line.startsWith('data: ')) this.#data(line.slice('data: '.length))
    }
  }

  error(body: AnswerChunk): void {
    this.#ends.push(body.error?.code ?? 'an error without a code')
  }

  broke(error: unknown): void {
    this.#broken = error instanceof Error ? error.message : String(error)
  }

  result(expected: string): Pick<PlayedQuery, 'end' | 'why' | 'firstMs' | 'ends'> {
    const [how] = this.#ends
    const first = this.#firstMs === undefined ? {} : { firstMs: this.#firstMs }
    const ends = this.#ends.length
    if (how === undefined)
      return { end: 'lost', why: this.#broken ?? 'the answer stopped without an end', ends, ...first }
    if (how !== 'done') return { end: 'error', why: how, ends, ...first }
    return { end: this.#text === expected ? 'well' : 'wrong', ends, ...first }
  }

  #data(data: string): void {
    if (data === '[DONE]') {
      this.#ends.push('done')
      return
    }
    const chunk = JSON.parse(data) as AnswerChunk
    if (chunk.error !== undefined) this.error(chunk)
    const content = chunk.choices?.[0]?.delta?.content ?? ''
    if (content === '') return
    this.#firstMs ??= performance.now() - this.#began
    this.#text += content
  }
}
