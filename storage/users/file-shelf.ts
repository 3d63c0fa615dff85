/** The files of a user: of each a row that says what it is, and its content in pieces, written and read in order. */

import type { NewFile, UserFile } from '../../core/batch/user-file.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { cutIntoPieces, type FilePiece, filePiece, pieceBytes } from '../rows/file-piece.ts'
import { fileKey, filePrefix, pieceKey, piecePrefix, spaceKey, type UserRef } from '../rows/keys.ts'
import { rowPages } from '../rows/row-pages.ts'
import type { UserRecords } from '../rows/user-records.ts'
import { changeSpace } from '../rows/user-space.ts'
import type { TextCipher } from '../store/encryption.ts'
import { prefixEnd } from '../store/shard-store.ts'
import type { Shelf, ShelfPolicy } from './retention.ts'

/** How long a file is kept at most, milliseconds: 30 days, as OpenAI keeps those of batches. */
export const MAX_FILE_AGE_MS = 30 * 24 * 3_600_000

/** After this time what was sent of a file, and broke off, is removed: no upload takes so long. */
const BROKEN_OFF_MS = 3_600_000

/** What batches write is for. */
export const OUTPUT_PURPOSE = 'batch_output'

/** Pieces read at once: a megabyte. */
const PAGE_OF_PIECES = 16
/** Files read at once, and pieces removed in one commit. */
const PAGE = 500

/** The row of a file. */
export interface FileRow extends UserFile {
  /** Those that were sent; a batch numbers what it writes by its lines. */
  readonly pieces: number
}

export interface FileShelfComponents {
  readonly users: UserRecords
  /** Encrypts the content; absent: it is stored as it is. */
  readonly cipher?: TextCipher
}

export class FileShelf implements Shelf {
  readonly #users: UserRecords
  readonly #cipher: TextCipher | undefined

  constructor({ users, cipher }: FileShelfComponents) {
    this.#users = users
    this.#cipher = cipher
  }

  /** A file of which nothing has come yet. Throws `NODE_LIMIT`, `STORAGE_FULL`, `STORAGE_DAMAGED`. */
  async begin(user: UserRef, file: NewFile): Promise<void> {
    await this.#users.transact(user, {
      reads: [spaceKey(user.key)],
      apply: (view) => {
        changeSpace(view, user.key, { files: 1 })
        view.create(fileKey(user.key, file.id), { ...file, bytes: 0, pieces: 0, state: 'arriving' } satisfies FileRow)
      },
    })
  }

  /** More of a file that is arriving, in one commit. Throws as `begin`, and `FILE_NOT_FOUND` when it is not there. */
  async append(user: UserRef, id: string, bytes: Buffer): Promise<void> {
    const key = fileKey(user.key, id)
    await this.#users.transact(user, {
      reads: [key, spaceKey(user.key)],
      apply: (view) => {
        const file = view.read<FileRow>(key)
        if (file?.state !== 'arriving') throw noSuchFile()
        let { pieces } = file
        for (const piece of cutIntoPieces(bytes)) {
          const place = pieceKey(user.key, id, pieces)
          view.create(place, filePiece(piece, this.#cipher, place))
          pieces += 1
        }
        changeSpace(view, user.key, { bytes: bytes.length })
        view.write(key, { ...file, pieces, bytes: file.bytes + bytes.length } satisfies FileRow)
      },
    })
  }

  /** The file is whole: from now on its user sees it. `about`: what was told behind it. Throws `FILE_NOT_FOUND`. */
  async finish(user: UserRef, id: string, about: Partial<NewFile> = {}): Promise<UserFile> {
    const key = fileKey(user.key, id)
    return await this.#users.transact(user, {
      reads: [key],
      apply: (view) => {
        const file = view.read<FileRow>(key)
        if (file?.state !== 'arriving') throw noSuchFile()
        const whole: FileRow = { ...file, ...about, state: 'whole' }
        view.write(key, whole)
        return told(whole)
      },
    })
  }

  /** A file that is whole and has not expired at `now`, wall clock. */
  async find(user: UserRef, id: string, now: number): Promise<UserFile | undefined> {
    const [row] = await this.#users.getMany<FileRow>(user, [fileKey(user.key, id)])
    return row !== undefined && isThere(row, now) ? told(row) : undefined
  }

  /** All files that are whole and have not expired at `now`, in no order. */
  async list(user: UserRef, now: number): Promise<readonly UserFile[]> {
    return (await this.#rows(user)).filter((row) => isThere(row, now)).map(told)
  }

  /** The content, piece by piece; of a batch's file line by line. Nothing when there is no such file. */
  async *content(user: UserRef, id: string): AsyncGenerator<Buffer> {
    const pieces = { prefix: piecePrefix(user.key, id), size: PAGE_OF_PIECES }
    for await (const page of rowPages<FilePiece>(this.#users, user, pieces)) {
      for (const { key, value } of page) yield pieceBytes(value, this.#cipher, key)
    }
  }

  /** Resolves, once it is gone, with whether there was one; a crash in between is made up for by `trim`. */
  async remove(user: UserRef, id: string): Promise<boolean> {
    const key = fileKey(user.key, id)
    const was = await this.#users.transact(user, {
      reads: [key],
      apply: (view) => {
        const file = view.read<FileRow>(key)
        if (file !== undefined) view.write(key, { ...file, state: 'leaving' } satisfies FileRow)
        return file?.state
      },
    })
    if (was === undefined) return false
    await this.#removePieces(user, id)
    await this.#users.transact(user, {
      reads: [key, spaceKey(user.key)],
      apply: (view) => {
        const file = view.read<FileRow>(key)
        if (file === undefined) return
        changeSpace(view, user.key, { files: -1, bytes: -file.bytes })
        view.remove(key)
      },
    })
    return was !== 'leaving'
  }

  /**
   * Removes what has expired, or is older than `maxAgeMs`, and what a crash or a client that left has left behind.
   * Resolves with the number of files. `now`: wall clock.
   */
  async trim(user: UserRef, { maxAgeMs, now }: ShelfPolicy): Promise<number> {
    const oldest = now - Math.min(maxAgeMs ?? MAX_FILE_AGE_MS, MAX_FILE_AGE_MS)
    let removed = 0
    for (const row of await this.#rows(user)) {
      const brokenOff = row.state === 'arriving' && row.purpose !== OUTPUT_PURPOSE && row.at < now - BROKEN_OFF_MS
      const gone = row.state === 'leaving' || row.expiresAt <= now || row.at < oldest || brokenOff
      if (gone && (await this.remove(user, row.id))) removed += 1
    }
    return removed
  }

  async #rows(user: UserRef): Promise<readonly FileRow[]> {
    const rows: FileRow[] = []
    for await (const page of rowPages<FileRow>(this.#users, user, { prefix: filePrefix(user.key), size: PAGE })) {
      rows.push(...page.map(({ value }) => value))
    }
    return rows
  }

  async #removePieces(user: UserRef, id: string): Promise<void> {
    const gte = piecePrefix(user.key, id)
    const lt = prefixEnd(gte)
    for (;;) {
      const page = await this.#users.range<FilePiece>(user, { gte, lt, limit: PAGE })
      if (page.length === 0) return
      await this.#users.transact(user, {
        reads: [],
        apply: (view) => {
          for (const { key } of page) view.remove(key)
        },
      })
    }
  }
}

function isThere({ state, expiresAt }: FileRow, now: number): boolean {
  return state === 'whole' && expiresAt > now
}

function told({ pieces: _, ...file }: FileRow): UserFile {
  return file
}

/** Told for another user's too: to all but its own user it is not there. */
export function noSuchFile(): RealmeshError {
  return new RealmeshError('FILE_NOT_FOUND', 'there is no file of yours with that id', {
    fix: 'GET /v1/files lists those that there are',
  })
}
