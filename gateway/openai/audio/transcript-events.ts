/** A transcript in pieces, as OpenAI's events: each piece of text, each stretch of a speaker, then all of the text. */
import type { ContentEvent, EndEvent } from '../../../core/query/query-event.ts'
import type { AnswerPieces } from '../../answer/stream-answer.ts'
import { diarizedSegment, GatheredTranscript, usageOf } from './transcript-answer.ts'

export class TranscriptEvents implements AnswerPieces {
  readonly #heard = new GatheredTranscript()
  readonly #speakers: boolean

  /** `speakers`: whether stretches with their speakers are told, too. */
  constructor({ speakers }: { readonly speakers: boolean }) {
    this.#speakers = speakers
  }

  open(): string {
    return ''
  }

  content(event: ContentEvent): string {
    this.#heard.add(event)
    if (event.kind === 'text') return piece({ type: 'transcript.text.delta', delta: event.text })
    if (event.kind !== 'segment' || !this.#speakers) return ''
    return piece(diarizedSegment(event, this.#heard.segments.length - 1))
  }

  end(event: EndEvent): string {
    this.#heard.add(event)
    return piece({ type: 'transcript.text.done', text: this.#heard.text, ...usageOf(this.#heard) })
  }
}

function piece(event: object): string {
  return `data: ${JSON.stringify(event)}\n\n`
}
