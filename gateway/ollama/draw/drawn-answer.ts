/** A picture as Ollama writes it: a line for each step of the work, then one with the picture, which is the last. */
import type {
  ContentEvent,
  EndEvent,
  ImageEvent,
  ProgressEvent,
  QueryEvent,
  StartEvent,
} from '../../../core/query/query-event.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { extrasOf } from '../../answer/extras.ts'
import type { AnswerPieces, AnswerStart } from '../../answer/stream-answer.ts'
import type { Gathering } from '../../answer/whole-answer.ts'
import { createdAt, endFields } from '../format/answer-end.ts'
import { lineHead } from '../format/answer-head.ts'
import type { LinesInit } from '../format/answer-lines.ts'

export interface DrawnInit extends Omit<LinesInit, 'kind'> {
  /** As the client wrote it. */
  readonly model: string
  /** Steps of the work, where the client said how many. @default 100, which makes them percent */
  readonly steps?: number | undefined
}

const PERCENT = 100

/** The lines of a stream, and the one body of an answer without. */
export class DrawnAnswer implements AnswerPieces, Gathering {
  readonly #init: DrawnInit
  #by: StartEvent | undefined
  #image: ImageEvent | undefined
  #end: EndEvent | undefined

  constructor(init: DrawnInit, start?: AnswerStart) {
    this.#init = init
    this.#by = start?.by
  }

  add(event: QueryEvent): void {
    if (event.kind === 'start') this.#by = event
    else if (event.kind === 'image') this.#image ??= event
    else if (event.kind === 'end') this.#end = event
  }

  /** Throws `ENGINE_GARBAGE` when there is no picture. */
  toBody(): object {
    const { data } = this.#image ?? {}
    if (data === undefined) throw new RealmeshError('ENGINE_GARBAGE', 'the engine drew no picture')
    const image = Buffer.from(data).toString('base64')
    return { ...this.#head(), image, ...(this.#end === undefined ? {} : endFields(this.#end, this.#init)) }
  }

  servedBy(by: StartEvent): void {
    this.#by = by
  }

  open(): string {
    return ''
  }

  /** The picture stands in the last line. */
  content(event: ContentEvent): string {
    this.add(event)
    return ''
  }

  preview({ fraction }: ProgressEvent): string {
    const total = this.#init.steps ?? PERCENT
    return line({ ...this.#head(), completed: Math.round(fraction * total), total, done: false })
  }

  end(event: EndEvent): string {
    this.add(event)
    return line({ ...this.toBody(), realmesh: extrasOf(event, this.#init.wantsReceipt) })
  }

  #head(): object {
    const { model, own } = this.#init
    return { ...lineHead(model, this.#by, own), created_at: createdAt(this.#init), response: '' }
  }
}

function line(fields: object): string {
  return `${JSON.stringify(fields)}\n`
}
