/** The samples of a WAV file that arrives in pieces: what stands before them is taken off, and read for their rate. */
import type { RealmeshError } from '../../core/realmesh-error.ts'
import { garbage } from '../http/http-errors.ts'

/** Where the samples of a file begin at the latest: engines write 44 bytes, and few programs more than a title. */
const MAX_HEAD_BYTES = 64 * 1024

const PCM = 1
/** The format is told behind the usual fields; its first two bytes are the same number. */
const EXTENSIBLE = 0xfffe

export class WavSamples {
  readonly #engine: string
  #head = Buffer.alloc(0)
  #mediaType: string | undefined
  /** Bytes of samples that are still to come. */
  #left = 0

  constructor(engine: string) {
    this.#engine = engine
  }

  /** The samples in the next piece: none until their beginning was seen. Throws `ENGINE_GARBAGE` for what is no WAV. */
  push(piece: Buffer): { readonly mediaType: string; readonly data: Buffer } {
    if (this.#mediaType !== undefined) return { mediaType: this.#mediaType, data: this.#samples(piece) }
    this.#head = Buffer.concat([this.#head, piece])
    const begin = this.#begin(this.#head)
    if (begin === undefined) {
      if (this.#head.length > MAX_HEAD_BYTES) throw noWav(this.#engine)
      return { mediaType: '', data: Buffer.alloc(0) }
    }
    const data = this.#head.subarray(begin)
    this.#head = Buffer.alloc(0)
    return { mediaType: this.#mediaType ?? '', data: this.#samples(data) }
  }

  /** A file that is written while it is spoken says 0, or the largest number, for its length. */
  #samples(piece: Buffer): Buffer {
    const data = piece.subarray(0, this.#left)
    this.#left -= data.length
    return data
  }

  /** Where the samples begin; undefined until that is known. */
  #begin(head: Buffer): number | undefined {
    if (head.length < 12) return undefined
    if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WAVE') throw noWav(this.#engine)
    let type: string | undefined
    for (let at = 12; at + 8 <= head.length; ) {
      const name = head.toString('latin1', at, at + 4)
      const length = head.readUInt32LE(at + 4)
      const body = at + 8
      if (name === 'data') {
        if (type === undefined) throw noWav(this.#engine)
        this.#mediaType = type
        this.#left = length === 0 || length >= 0x7fff_0000 ? Number.POSITIVE_INFINITY : length
        return body
      }
      if (name === 'fmt ') {
        if (body + 16 > head.length) return undefined
        type = this.#typeOf(head, body)
      }
      at = body + length + (length % 2)
    }
    return undefined
  }

  #typeOf(head: Buffer, at: number): string {
    const format = head.readUInt16LE(at)
    const channels = head.readUInt16LE(at + 2)
    const rate = head.readUInt32LE(at + 4)
    const bits = head.readUInt16LE(at + 14)
    if ((format !== PCM && format !== EXTENSIBLE) || channels !== 1 || bits !== 16 || rate === 0) {
      throw garbage(this.#engine, 'sound that is not of 16 bits and one channel')
    }
    return `audio/pcm;rate=${rate}`
  }
}

/** What is no WAV file. */
export function noWav(engine: string): RealmeshError {
  return garbage(engine, 'sound that is no WAV file')
}
