/**
 * What the serving node says about its part of an answer. The hashes are folded up while the answer streams by; nothing
 * of the answer is kept.
 */
import { cleanText } from '../../core/clean-text.ts'
import { defined } from '../../core/defined.ts'
import { type EndEvent, isContent, type QueryEvent, type StartEvent } from '../../core/query/query-event.ts'
import { type ComputedBy, RECEIPT_VERSION, type ServedPart } from '../../core/query/receipt.ts'
import { AnswerHash } from './answer-hash.ts'

/** Longest name in a part: what the wire carries of one, so that both ends sign and verify the same. */
const MAX_NAME_LENGTH = 256

/** Largest count that the wire carries. */
const MAX_TOLD_COUNT = 0xffff_ffff

/** Passes the events of one run on own workers, and adds the served part, unsigned, to its end. */
export function addServedPart(now: () => number): (event: QueryEvent) => QueryEvent {
  const part = new OpenPart(now)
  return (event) => {
    if (event.kind !== 'end') {
      part.saw(event)
      return event
    }
    const served = part.ended(event)
    // The new field first: a copy has no room for one more, and to make room costs ten times the copy.
    return served === undefined ? event : { served, ...event }
  }
}

class OpenPart {
  readonly #now: () => number
  readonly #acceptedAt: number
  readonly #hash = new AnswerHash()
  #start: StartEvent | undefined
  #startedAt = 0
  #firstAt: number | undefined

  constructor(now: () => number) {
    this.#now = now
    this.#acceptedAt = now()
  }

  saw(event: QueryEvent): void {
    if (event.kind === 'start') {
      this.#start = event
      this.#startedAt = this.#now()
    } else if (this.#firstAt === undefined && isContent(event)) this.#firstAt = this.#now()
    this.#hash.add(event)
  }

  ended(end: EndEvent): ServedPart | undefined {
    const start = this.#start
    if (start === undefined) return undefined
    const { answerHash, pieceHashes } = this.#hash.digest()
    const first = this.#firstAt
    return {
      version: RECEIPT_VERSION,
      node: start.node,
      worker: nameOf(start.worker),
      engine: nameOf(start.engine),
      model: nameOf(start.model),
      by: cleanBy(end.by ?? {}),
      answerHash,
      pieceHashes,
      promptTokens: wholeCount(end.usage?.promptTokens),
      completionTokens: wholeCount(end.usage?.completionTokens),
      waitedMs: Math.round(this.#startedAt - this.#acceptedAt),
      ...defined({
        firstMs: first === undefined ? undefined : Math.round(first - this.#startedAt),
        decodeRate: this.#decodeRate(end),
      }),
    }
  }

  /** Tokens per second: the engine's figure, else those behind the first by the time behind the first. */
  #decodeRate({ timings, usage }: EndEvent): number | undefined {
    const told = timings?.decodeTokensPerSecond
    if (told !== undefined) return told > 0 && Number.isFinite(told) ? tenths(told) : undefined
    const ms = this.#firstAt === undefined ? 0 : this.#now() - this.#firstAt
    const tokens = (usage?.completionTokens ?? 0) - 1
    return ms > 0 && tokens > 0 ? tenths((tokens / ms) * 1_000) : undefined
  }
}

/** The settings are fit for the wire as adapters pick them; the other words are an engine's own. */
function cleanBy({ digest, template, quantization, sent, defaults }: ComputedBy): ComputedBy {
  return defined({
    digest: digest === undefined ? undefined : nameOf(digest),
    template,
    quantization: quantization === undefined ? undefined : nameOf(quantization),
    sent,
    defaults,
  })
}

function nameOf(text: string): string {
  return cleanText(text, MAX_NAME_LENGTH)
}

function wholeCount(value = 0): number {
  return value > 0 ? Math.min(Math.round(value), MAX_TOLD_COUNT) : 0
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10
}
