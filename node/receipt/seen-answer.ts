/**
 * An answer of a peer as this node saw it, beside what the peer says of it: hashes of our own, and no more tokens than
 * can be in what came.
 */
import type { Query } from '../../core/query/query.ts'
import type { EndEvent, QueryEvent, StartEvent, Usage } from '../../core/query/query-event.ts'
import { RECEIPT_VERSION, type ServedPart } from '../../core/query/receipt.ts'
import { believedPrompt, mostAnswerTokens } from '../../core/query/seen-tokens.ts'
import { AnswerHash, type HashedAnswer } from './answer-hash.ts'

export interface SeenEnd {
  /** The end as it goes on: its counts are believed as far as they can be. */
  readonly end: EndEvent
  /** Whether the peer's own statement contradicts what it sent. */
  readonly contradicted: boolean
}

export class SeenAnswer {
  readonly #query: Query
  readonly #peer: string
  readonly #hash = new AnswerHash()
  #start: StartEvent | undefined

  /** `peer`: who sent it, as the connection proved. */
  constructor(query: Query, peer: string) {
    this.#query = query
    this.#peer = peer
  }

  /** Every event but the end. */
  saw(event: QueryEvent): void {
    if (event.kind === 'start') this.#start = event
    this.#hash.add(event)
  }

  /** The events, each seen as it passes. */
  async *passing(events: AsyncIterable<QueryEvent>): AsyncGenerator<QueryEvent> {
    for await (const event of events) {
      if (event.kind !== 'end') this.saw(event)
      yield event
    }
  }

  ended(end: EndEvent): SeenEnd {
    const seen = this.#hash.digest()
    const { served, usage } = end
    const contradicted = served !== undefined && this.#contradicts(served, seen)
    const believed = usage === undefined ? undefined : this.#believed(usage, seen)
    return { end: believed === usage || believed === undefined ? end : { ...end, usage: believed }, contradicted }
  }

  /** A part of another version may be made otherwise, and one without a signature binds nobody. */
  #contradicts(part: ServedPart, seen: HashedAnswer): boolean {
    if (part.signature === undefined || part.version !== RECEIPT_VERSION) return false
    const start = this.#start
    return (
      part.node !== this.#peer ||
      part.answerHash !== seen.answerHash ||
      part.pieceHashes !== seen.pieceHashes ||
      part.worker !== start?.worker ||
      part.engine !== start.engine ||
      part.model !== start.model
    )
  }

  /** The same counts, or lower ones. */
  #believed(usage: Usage, { textBytes }: HashedAnswer): Usage {
    const promptTokens = believedPrompt(this.#query, usage.promptTokens)
    const completionTokens = Math.min(usage.completionTokens, mostAnswerTokens(textBytes))
    const { cachedTokens = 0, reasoningTokens = 0 } = usage
    const same = promptTokens === usage.promptTokens && completionTokens === usage.completionTokens
    if (same && cachedTokens <= promptTokens && reasoningTokens <= completionTokens) return usage
    return {
      promptTokens,
      completionTokens,
      ...(usage.cachedTokens !== undefined && { cachedTokens: Math.min(cachedTokens, promptTokens) }),
      ...(usage.reasoningTokens !== undefined && { reasoningTokens: Math.min(reasoningTokens, completionTokens) }),
    }
  }
}
