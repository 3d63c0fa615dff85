/** An answer as RENT-A-HAL's clients read it: one text, a picture or a sound as bare base64. */
import type { ImageEvent, QueryEvent } from '../../../core/query/query-event.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { Gathering } from '../../answer/whole-answer.ts'
import type { ResultType } from './steps.ts'

/** Bytes of the sound of one answer, which is held until it is whole: eleven minutes of speech as WAV at 24 kHz. */
export const MAX_HELD_SOUND_BYTES = 32 * 1024 * 1024

export class GatheredResult implements Gathering {
  readonly #type: ResultType
  #text = ''
  #image: ImageEvent | undefined
  readonly #sound: Uint8Array[] = []
  #soundBytes = 0

  constructor(type: ResultType) {
    this.#type = type
  }

  /** Throws `ENGINE_GARBAGE` for sound without an end. */
  add(event: QueryEvent): void {
    if (event.kind === 'text') this.#text += event.text
    else if (event.kind === 'image') this.#image ??= event
    else if (event.kind === 'audio') this.#addSound(event.data)
  }

  /** The text, or base64. Throws `ENGINE_GARBAGE` where there is no picture or no sound. */
  get result(): string {
    return RESULTS[this.#type]({ text: this.#text, image: this.#image?.data, sound: this.#sound })
  }

  #addSound(bytes: Uint8Array): void {
    this.#soundBytes += bytes.length
    if (this.#soundBytes > MAX_HELD_SOUND_BYTES) {
      throw new RealmeshError('ENGINE_GARBAGE', `the speech has more than ${MAX_HELD_SOUND_BYTES} bytes`)
    }
    this.#sound.push(bytes)
  }
}

interface Parts {
  readonly text: string
  readonly image: Uint8Array | undefined
  readonly sound: readonly Uint8Array[]
}

const RESULTS: Readonly<Record<ResultType, (parts: Parts) => string>> = {
  text: ({ text }) => text,
  image: ({ image }) => {
    if (image === undefined) throw new RealmeshError('ENGINE_GARBAGE', 'the engine drew no picture')
    return Buffer.from(image).toString('base64')
  },
  audio: ({ sound }) => {
    if (sound.length === 0) throw new RealmeshError('ENGINE_GARBAGE', 'the engine said nothing')
    return Buffer.concat(sound).toString('base64')
  },
}
