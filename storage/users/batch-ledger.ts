/**
 * The batches of a user: of each a row with its state, and the results of its lines as pieces of the files that it
 * writes. A result, the counts and the lengths of the files change in one commit: after a crash at any moment a line is
 * either there, and counted, or it is to be asked again.
 */
import { type BatchUsage, isEnded, type LineResult, type UserBatch } from '../../core/batch/user-batch.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { cutIntoPieces, filePiece } from '../rows/file-piece.ts'
import {
  batchKey,
  batchPrefix,
  fileKey,
  pieceKey,
  piecePrefix,
  placeOfPiece,
  spaceKey,
  type UserRef,
} from '../rows/keys.ts'
import { rowPages } from '../rows/row-pages.ts'
import type { UserRecords } from '../rows/user-records.ts'
import { changeSpace } from '../rows/user-space.ts'
import type { TransactionView } from '../shard/transaction.ts'
import type { TextCipher } from '../store/encryption.ts'
import { prefixEnd } from '../store/shard-store.ts'
import { type FileRow, MAX_FILE_AGE_MS, OUTPUT_PURPOSE } from './file-shelf.ts'
import type { Shelf, ShelfPolicy } from './retention.ts'

/** Results read at once while it is looked which there are. */
const PAGE = 64
/** Batches read at once: more than a user may have. */
const PAGE_OF_BATCHES = 500

export interface BatchLedgerComponents {
  readonly users: UserRecords
  /** Encrypts the results; absent: they are stored as they are. */
  readonly cipher?: TextCipher
}

export class BatchLedger implements Shelf {
  readonly #users: UserRecords
  readonly #cipher: TextCipher | undefined

  constructor({ users, cipher }: BatchLedgerComponents) {
    this.#users = users
    this.#cipher = cipher
  }

  /** Throws `NODE_LIMIT`, `STORAGE_FULL`, `STORAGE_DAMAGED`. */
  async create(user: UserRef, batch: UserBatch): Promise<void> {
    await this.#users.transact(user, {
      reads: [spaceKey(user.key)],
      apply: (view) => {
        changeSpace(view, user.key, { batches: 1 })
        view.create(batchKey(user.key, batch.id), batch)
      },
    })
  }

  async find(user: UserRef, id: string): Promise<UserBatch | undefined> {
    const [row] = await this.#users.getMany<UserBatch>(user, [batchKey(user.key, id)])
    return row
  }

  /** All of the user, in no order. */
  async list(user: UserRef): Promise<readonly UserBatch[]> {
    const gte = batchPrefix(user.key)
    const page = await this.#users.range<UserBatch>(user, { gte, lt: prefixEnd(gte), limit: PAGE_OF_BATCHES })
    return page.map(({ value }) => value)
  }

  /** Changes it by a pure function; what that throws changes nothing. Throws `BATCH_NOT_FOUND`. */
  async update(user: UserRef, id: string, change: (batch: UserBatch) => UserBatch): Promise<UserBatch> {
    const key = batchKey(user.key, id)
    return await this.#users.transact(user, {
      reads: [key],
      apply: (view) => {
        const after = change(view.read<UserBatch>(key) ?? noSuchBatch())
        view.write(key, after)
        return after
      },
    })
  }

  /**
   * Notes results of lines that have none yet; of the others nothing changes. Resolves, once all are safe, with the
   * batch. Throws `NODE_LIMIT` where the user's files take too much, `STORAGE_FULL`, `STORAGE_DAMAGED`.
   */
  async record(user: UserRef, { id, outputFile, errorFile }: UserBatch, results: readonly LineResult[]) {
    const key = batchKey(user.key, id)
    const files = [outputFile, errorFile]
    const firsts = results.flatMap(({ line }) => files.map((file) => pieceKey(user.key, file, line)))
    return await this.#users.transact(user, {
      reads: [key, spaceKey(user.key), ...files.map((file) => fileKey(user.key, file)), ...firsts],
      apply: (view) => {
        const batch = view.read<UserBatch>(key) ?? noSuchBatch()
        const isNew = ({ line }: LineResult): boolean =>
          files.every((file) => view.read(pieceKey(user.key, file, line)) === undefined)
        const fresh = results.filter(isNew)
        for (const failed of [false, true]) {
          const written = fresh.filter((result) => result.failed === failed)
          if (written.length > 0) this.#write(view, user, batch, failed, written)
        }
        const after = countedBatch(batch, fresh)
        view.write(key, after)
        return after
      },
    })
  }

  /**
   * Changes it as `update` does, for the last time: with it what it has written becomes whole, in the same commit.
   */
  async end(user: UserRef, { id, outputFile, errorFile }: UserBatch, change: (batch: UserBatch) => UserBatch) {
    const key = batchKey(user.key, id)
    const files = [outputFile, errorFile].map((file) => fileKey(user.key, file))
    return await this.#users.transact(user, {
      reads: [key, ...files],
      apply: (view) => {
        const after = change(view.read<UserBatch>(key) ?? noSuchBatch())
        for (const place of files) {
          const file = view.read<FileRow>(place)
          if (file?.state === 'arriving') view.write(place, { ...file, state: 'whole' } satisfies FileRow)
        }
        view.write(key, after)
        return after
      },
    })
  }

  /** The lines that have a result. */
  async done(user: UserRef, { outputFile, errorFile }: UserBatch): Promise<Set<number>> {
    const lines = new Set<number>()
    for (const file of [outputFile, errorFile]) {
      for await (const page of rowPages(this.#users, user, { prefix: piecePrefix(user.key, file), size: PAGE })) {
        for (const { key } of page) lines.add(placeOfPiece(key))
      }
    }
    return lines
  }

  /** Forgets it; its files stay. Resolves with whether there was one. */
  async remove(user: UserRef, id: string): Promise<boolean> {
    const key = batchKey(user.key, id)
    return await this.#users.transact(user, {
      reads: [key, spaceKey(user.key)],
      apply: (view) => {
        if (view.read(key) === undefined) return false
        changeSpace(view, user.key, { batches: -1 })
        view.remove(key)
        return true
      },
    })
  }

  /** Removes what ended, and is older than `maxAgeMs`. Resolves with their number. `now`: wall clock. */
  async trim(user: UserRef, { maxAgeMs, now }: ShelfPolicy): Promise<number> {
    const oldest = now - Math.min(maxAgeMs ?? MAX_FILE_AGE_MS, MAX_FILE_AGE_MS)
    let removed = 0
    for (const { id, status, at } of await this.list(user)) {
      if (isEnded(status) && at < oldest && (await this.remove(user, id))) removed += 1
    }
    return removed
  }

  #write(
    view: TransactionView,
    user: UserRef,
    batch: UserBatch,
    failed: boolean,
    results: readonly LineResult[],
  ): void {
    const id = failed ? batch.errorFile : batch.outputFile
    const key = fileKey(user.key, id)
    const file = view.read<FileRow>(key) ?? emptyFile(batch, id, failed)
    let bytes = 0
    for (const { line, text } of results) {
      const content = Buffer.from(text)
      bytes += content.length
      for (const [part, piece] of [...cutIntoPieces(content)].entries()) {
        const place = pieceKey(user.key, id, line, part)
        view.create(place, filePiece(piece, this.#cipher, place))
      }
    }
    changeSpace(view, user.key, { bytes, files: file.bytes === 0 ? 1 : 0 })
    view.write(key, { ...file, bytes: file.bytes + bytes } satisfies FileRow)
  }
}

function countedBatch(batch: UserBatch, results: readonly LineResult[]): UserBatch {
  const failed = results.filter((result) => result.failed).length
  const usage = results.reduce((sum, result) => addUsage(sum, result.usage), batch.usage)
  return {
    ...batch,
    completed: batch.completed + results.length - failed,
    failed: batch.failed + failed,
    usage,
  }
}

function addUsage(a: BatchUsage, b: BatchUsage | undefined): BatchUsage {
  if (b === undefined) return a
  return {
    promptTokens: a.promptTokens + b.promptTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    completionTokens: a.completionTokens + b.completionTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
  }
}

/** What a batch writes is dated at its own beginning, and arrives until it has ended. */
function emptyFile({ id: batch, at }: UserBatch, id: string, failed: boolean): FileRow {
  return {
    id,
    name: `${batch}_${failed ? 'error' : 'output'}.jsonl`,
    purpose: OUTPUT_PURPOSE,
    bytes: 0,
    at,
    expiresAt: at + MAX_FILE_AGE_MS,
    state: 'arriving',
    pieces: 0,
  }
}

/** Told for another user's too: to all but its own user it is not there. */
export function noSuchBatch(): never {
  throw new RealmeshError('BATCH_NOT_FOUND', 'there is no batch of yours with that id', {
    fix: 'GET /v1/batches lists those that there are',
  })
}
