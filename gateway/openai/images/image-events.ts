/** Pictures as they come: previews while the engine draws, then each picture, as OpenAI's events. */
import type { ContentEvent, ProgressEvent } from '../../../core/query/query-event.ts'
import type { AnswerPieces, AnswerStart } from '../../answer/stream-answer.ts'

export interface ImageEventsInit {
  /** Previews that the client wants at most. */
  readonly previews: number
  /** As it was asked for, `auto` where it was not. */
  readonly size: string
  /** What the names of the events begin with. */
  readonly event: 'image_generation' | 'image_edit'
}

export class ImageEvents implements AnswerPieces {
  readonly #created: number
  readonly #init: ImageEventsInit
  #previews = 0

  constructor({ created }: AnswerStart, init: ImageEventsInit) {
    this.#created = created
    this.#init = init
  }

  open(): string {
    return ''
  }

  content(event: ContentEvent): string {
    return event.kind === 'image' ? this.#event('completed', event.data, event.mediaType, {}) : ''
  }

  preview({ preview }: ProgressEvent): string {
    if (preview === undefined || this.#previews >= this.#init.previews) return ''
    const index = this.#previews++
    return this.#event('partial_image', preview.data, preview.mediaType, { partial_image_index: index })
  }

  end(): string {
    return '' // the last picture is the end
  }

  #event(name: string, data: Uint8Array, mediaType: string, more: object): string {
    const type = `${this.#init.event}.${name}`
    const told = {
      type,
      b64_json: Buffer.from(data).toString('base64'),
      created_at: this.#created,
      size: this.#init.size,
      quality: 'auto',
      background: 'auto',
      output_format: mediaType.replace('image/', ''),
      ...more,
    }
    return `event: ${type}\ndata: ${JSON.stringify(told)}\n\n`
  }
}
