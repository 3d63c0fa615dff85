/**
 * Pictures that come in slices: one base64 text cut into pieces, in any order. They are of one socket, so that two
 * users who chose the same id at the same moment stay apart, and what never becomes whole goes after its time.
 */
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'

/** Pictures of one socket that are on their way at once: its page sends one after another. */
export const MAX_UPLOADS = 4

/** Slices of one picture: RENT-A-HAL's have a mebibyte, the largest picture that a node takes has a third of these. */
export const MAX_UPLOAD_CHUNKS = 64

/** Characters of one picture: 16 MiB, as a realm for vision takes by itself, with room for one that takes more. */
export const MAX_UPLOAD_CHARACTERS = 22 * 1024 * 1024

/** How long the next slice may take: a mebibyte over the slowest line of a home. */
export const UPLOAD_PATIENCE_MS = 60_000

export interface UploadsComponents {
  readonly clock: Pick<Clock, 'after'>
  /** Counts what is kept. False: there is no room, and the connection is cut. */
  readonly hold: (bytes: number) => boolean
  readonly give: (bytes: number) => void
  /** A picture whose slices stopped coming was dropped. */
  readonly onExpired: () => void
}

export interface Slice {
  readonly imageId: string
  /** From 0. */
  readonly index: number
  readonly total: number
  readonly data: string
}

interface Upload {
  readonly total: number
  readonly slices: Map<number, string>
  characters: number
  cancelExpiry: () => void
}

export class Uploads {
  readonly #to: UploadsComponents
  readonly #byId = new Map<string, Upload>()

  constructor(components: UploadsComponents) {
    this.#to = components
  }

  get size(): number {
    return this.#byId.size
  }

  /**
   * Keeps a slice. Returns the whole text once none is missing; it is not counted any more then. Throws `BAD_REQUEST`,
   * `PROMPT_TOO_LARGE` and `REALM_OVERLOADED`; the picture is dropped then.
   */
  add({ imageId, index, total, data }: Slice): string | undefined {
    const upload = this.#byId.get(imageId) ?? this.#begin(imageId, total)
    try {
      if (upload.total !== total || index >= total) throw badSlice()
      // Sent again: the later one counts.
      const before = upload.slices.get(index)?.length ?? 0
      if (upload.characters + data.length - before > MAX_UPLOAD_CHARACTERS) throw tooLong()
      this.#take(data.length - before)
      upload.characters += data.length - before
      upload.slices.set(index, data)
    } catch (thrown) {
      this.#drop(imageId)
      throw thrown
    }
    if (upload.slices.size < total) {
      this.#expect(imageId, upload)
      return undefined
    }
    this.#drop(imageId)
    return Array.from({ length: total }, (_, at) => upload.slices.get(at) ?? '').join('')
  }

  /** Forgets them all. */
  stop(): void {
    for (const id of [...this.#byId.keys()]) this.#drop(id)
  }

  #take(more: number): void {
    if (more < 0) this.#to.give(-more)
    else if (!this.#to.hold(more)) throw new RealmeshError('REALM_OVERLOADED', 'there is no room for this picture')
  }

  #begin(imageId: string, total: number): Upload {
    if (this.#byId.size >= MAX_UPLOADS) {
      throw new RealmeshError('REALM_OVERLOADED', 'too many pictures are on their way on this connection')
    }
    const upload = { total, slices: new Map<number, string>(), characters: 0, cancelExpiry: () => {} }
    this.#byId.set(imageId, upload)
    return upload
  }

  #expect(imageId: string, upload: Upload): void {
    upload.cancelExpiry()
    upload.cancelExpiry = this.#to.clock.after(UPLOAD_PATIENCE_MS, () => {
      this.#drop(imageId)
      this.#to.onExpired()
    })
  }

  #drop(imageId: string): void {
    const upload = this.#byId.get(imageId)
    if (upload === undefined) return
    upload.cancelExpiry()
    this.#to.give(upload.characters)
    this.#byId.delete(imageId)
  }
}

function badSlice(): RealmeshError {
  return new RealmeshError('BAD_REQUEST', 'the slices of this picture do not fit together', {
    fix: 'number them from 0, and name the same total in each',
  })
}

function tooLong(): RealmeshError {
  return new RealmeshError(
    'PROMPT_TOO_LARGE',
    `the picture has more than ${MAX_UPLOAD_CHARACTERS} characters of base64`,
  )
}
