/**
 * The lines of a streamed answer. What stays the same within one answer is built once, so that a token costs one
 * `JSON.stringify` of its text and a concatenation. Calls are told whole, when all their pieces have come.
 */
import type { ContentEvent, EndEvent, StartEvent } from '../../../core/query/query-event.ts'
import { extrasOf } from '../../answer/extras.ts'
import type { AnswerPieces, AnswerStart } from '../../answer/stream-answer.ts'
import { GatheredCalls } from '../../gathering/calls.ts'
import { toldLogprobs } from '../../gathering/logprobs.ts'
import { type AnswerTime, createdAt, endFields } from './answer-end.ts'
import { type AnswerKind, lineHead, TEXT_SHAPES } from './answer-head.ts'
import { toldCalls } from './told-calls.ts'

export interface LinesInit extends AnswerTime {
  readonly kind: AnswerKind
  /** The peer id of this node. */
  readonly own: string
  readonly wantsReceipt: boolean
}

const GOES_ON = ',"done":false}\n'

export class AnswerLines implements AnswerPieces {
  readonly #init: LinesInit
  readonly #start: AnswerStart
  readonly #calls = new GatheredCalls()
  readonly #beforeText: string
  readonly #afterText: string
  #head = ''
  #second = -1
  #untilSecond = ''

  constructor(start: AnswerStart, init: LinesInit) {
    this.#start = start
    this.#init = init
    const { before, after } = TEXT_SHAPES[init.kind]
    this.#beforeText = `",${before}`
    this.#afterText = after
    this.servedBy(start.by)
  }

  servedBy(by: StartEvent | undefined): void {
    const head = JSON.stringify(lineHead(this.#start.model, by, this.#init.own))
    this.#head = `${head.slice(0, -1)},"created_at":"`
  }

  open(): string {
    return ''
  }

  content(event: ContentEvent): string {
    if (event.kind === 'text') {
      const told = event.logprobs === undefined ? '' : `,"logprobs":${JSON.stringify(toldLogprobs(event.logprobs))}`
      return this.#text(JSON.stringify(event.text), told + GOES_ON)
    }
    if (event.kind === 'reasoning') return this.#text(`"","thinking":${JSON.stringify(event.text)}`, GOES_ON)
    if (event.kind === 'toolCall') this.#calls.add(event)
    return '' // neither a chat nor a text has other content
  }

  end(event: EndEvent): string {
    const realmesh = extrasOf(event, this.#init.wantsReceipt)
    const last = JSON.stringify({ ...endFields(event, this.#init), realmesh })
    return `${this.#toolCalls(event)}${this.#text('""', `,${last.slice(1)}\n`)}`
  }

  #toolCalls({ finishReason }: EndEvent): string {
    const calls = toldCalls(this.#calls, finishReason, this.#start.queryId)
    return calls.length === 0 ? '' : this.#text(`"","tool_calls":${JSON.stringify(calls)}`, GOES_ON)
  }

  /** `text`: JSON, with what stands beside it. */
  #text(text: string, rest: string): string {
    return this.#head + this.#time() + this.#beforeText + text + this.#afterText + rest
  }

  /** As `createdAt`. What lines of one second share is written once: a date costs more than all the rest of a line. */
  #time(): string {
    const { clock } = this.#init
    const now = Math.floor(clock.wall())
    const ms = now % 1_000
    if (now - ms !== this.#second) {
      this.#second = now - ms
      this.#untilSecond = createdAt(this.#init).slice(0, -'000Z'.length)
    }
    return `${this.#untilSecond}${String(ms).padStart(3, '0')}Z`
  }
}
