/**
 * Everything that this node keeps of a user, as one object: for the user, and for a move to another node by hand.
 */
import type { UserBatch } from '../../core/batch/user-batch.ts'
import type { UserFile } from '../../core/batch/user-file.ts'
import type { Account, Credit } from '../rows/account.ts'
import { userNotFound } from '../rows/account-change.ts'
import { creditPrefix, type UserRef, userRef } from '../rows/keys.ts'
import type { QueryWithText } from '../rows/query-row.ts'
import { rowPages } from '../rows/row-pages.ts'
import type { BatchLedger } from './batch-ledger.ts'
import type { FileShelf } from './file-shelf.ts'
import type { QueryHistory } from './query-history.ts'
import type { KeptResponse, ResponseShelf } from './response-shelf.ts'
import type { UserStore } from './user-store.ts'

export const EXPORT_FORMAT = 'realmesh-user/3'

export interface ExportedUser {
  readonly format: typeof EXPORT_FORMAT
  readonly exportedAt: number
  readonly account: Account
  /** Newest first. */
  readonly queries: readonly QueryWithText[]
  /** Responses that the user may come back to, newest first. */
  readonly responses: readonly KeptResponse[]
  /** Newest first. */
  readonly batches: readonly UserBatch[]
  readonly files: readonly ExportedFile[]
  /** Credits given and taken, oldest first; what queries cost stands with the queries. */
  readonly credits: readonly Credit[]
}

export interface ExportedFile {
  readonly about: UserFile
  /** Read when it is wanted: together files may be larger than the memory. */
  readonly content: () => AsyncIterable<Buffer>
}

export interface ExportUserComponents {
  readonly users: UserStore
  readonly history: QueryHistory
  readonly responses: ResponseShelf
  readonly files: FileShelf
  readonly batches: BatchLedger
}

/** Throws `USER_NOT_FOUND`. */
export async function exportUser(
  { users, history, responses: shelf, files: fileShelf, batches: ledger }: ExportUserComponents,
  guid: string,
  now: number,
): Promise<ExportedUser> {
  const user = userRef(guid)
  await users.flush(user)
  const account = await users.find(guid)
  if (account === undefined) throw userNotFound()
  const queries: QueryWithText[] = []
  for await (const page of history.all(user)) queries.push(...page)
  const responses: KeptResponse[] = []
  for await (const page of shelf.all(user)) responses.push(...page)
  const batches = [...(await ledger.list(user))].sort((a, b) => b.at - a.at)
  const files = (await fileShelf.list(user, now)).map((about) => {
    return { about, content: () => fileShelf.content(user, about.id) }
  })
  const credits = await allCredits(users, user)
  return { format: EXPORT_FORMAT, exportedAt: now, account, queries, responses, batches, files, credits }
}

/** Credits read at once. */
const PAGE = 500

async function allCredits(users: UserStore, user: UserRef): Promise<readonly Credit[]> {
  const all: Credit[] = []
  for await (const page of rowPages<Credit>(users, user, { prefix: creditPrefix(user.key), size: PAGE })) {
    all.push(...page.map(({ value }) => value))
  }
  return all.sort((a, b) => a.at - b.at)
}
