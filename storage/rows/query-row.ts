/**
 * A query as a row. Prompt and answer stand in the query's own row, so that one row is all that most queries cost; long
 * ones have a row of their own, so that a list of queries stays cheap to read.
 */
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { TextCipher } from '../store/encryption.ts'

/**
 * Longest kept prompt or answer, in UTF-16 units; beyond it the text is cut and marked as cut. Above every context
 * window in use.
 */
export const MAX_KEPT_TEXT = 1 << 20

/**
 * Prompt and answer together that stand in the query's own row, UTF-16 units: most do, and a page of a thousand rows
 * stays small.
 */
const MAX_INLINE_TEXT = 8_192

/** A query that ended, as the node reports it. */
export interface FinishedQuery {
  /** The idempotency key: a second record of the same query changes nothing. */
  readonly id: string
  /**
   * Whether the client chose the id, and so may ask under it again later: then the id is remembered in a row of its
   * own, and it is charged once however often it is asked. An attempt that failed cost nothing, and does not use the id
   * up. @default false
   */
  readonly idChosen?: boolean | undefined
  readonly type: string
  readonly realm: string
  /** As the client asked. */
  readonly model: string
  readonly modelServed?: string | undefined
  /** Wall clock at the start, milliseconds since the epoch. */
  readonly startedAt: number
  readonly tookMs: number
  readonly promptTokens: number
  readonly completionTokens: number
  /** Credits. */
  readonly cost: number
  /** `served`, `cancelled` or the code of the error that ended it. */
  readonly outcome: string
  /** Peer id of the node that served it, when it was another one. */
  readonly peer?: string | undefined
  readonly worker?: string | undefined
  /** Kept only when the user keeps history. */
  readonly prompt?: string | undefined
  readonly answer?: string | undefined
}

/** A stored query. */
export interface QueryRecord extends Omit<FinishedQuery, 'idChosen' | 'prompt' | 'answer'> {
  /** Whether prompt and answer were kept. */
  readonly kept: boolean
}

/** What a user said and was answered. */
export interface QueryTexts {
  readonly prompt?: string | undefined
  readonly answer?: string | undefined
}

export interface QueryWithText extends QueryRecord, QueryTexts {}

/** Texts as they are stored: sealed when the node encrypts. */
export type StoredTexts = QueryTexts | { readonly sealed: string }

/** The row of a query. Texts that were kept and do not stand here have a row of their own. */
export interface QueryRow extends QueryRecord {
  readonly idChosen?: boolean
  readonly texts?: StoredTexts
}

/** A row while it is written: what is undefined is left out by JSON. */
type RowToWrite = Record<keyof QueryRow, unknown>

/**
 * The row of a query whose texts are not kept, or stand elsewhere. Written out, because a copy of most fields takes
 * several times as long.
 */
export function queryRow(query: FinishedQuery, kept: boolean, texts: StoredTexts | undefined): RowToWrite {
  return {
    id: query.id,
    idChosen: query.idChosen,
    type: query.type,
    realm: query.realm,
    model: query.model,
    modelServed: query.modelServed,
    startedAt: query.startedAt,
    tookMs: query.tookMs,
    promptTokens: query.promptTokens,
    completionTokens: query.completionTokens,
    cost: query.cost,
    outcome: query.outcome,
    peer: query.peer,
    worker: query.worker,
    kept,
    texts,
  }
}

/** The stored query without what only the store is concerned with. */
export function queryRecord({ idChosen: _, texts: __, ...record }: QueryRow): QueryRecord {
  return record
}

export function hasTexts({ prompt, answer }: QueryTexts): boolean {
  return prompt !== undefined || answer !== undefined
}

/** Whether the texts stand in the query's own row. */
export function standInline({ prompt = '', answer = '' }: QueryTexts): boolean {
  return prompt.length + answer.length <= MAX_INLINE_TEXT
}

/** Whether the row's texts have a row of their own. */
export function hasOwnTexts({ kept, texts }: QueryRow): boolean {
  return kept && texts === undefined
}

/** The texts as they are stored under `place`, the key of their row. */
export function storedTexts(
  { prompt, answer }: QueryTexts,
  cipher: TextCipher | undefined,
  place: string,
): StoredTexts {
  const texts = { prompt: cut(prompt), answer: cut(answer) }
  return cipher === undefined ? texts : { sealed: cipher.seal(JSON.stringify(texts), place) }
}

/**
 * Stored texts, opened. Throws `KEY_FILE_BAD` when they are sealed and there is no key, `STORAGE_DAMAGED` when it does
 * not fit.
 */
export function openedTexts(stored: StoredTexts, cipher: TextCipher | undefined, place: string): QueryTexts {
  if (!('sealed' in stored)) return stored
  if (cipher === undefined) {
    throw new RealmeshError('KEY_FILE_BAD', 'this history is encrypted and the node was given no key', {
      fix: 'set the key file that it was written with',
    })
  }
  return JSON.parse(cipher.unseal(stored.sealed, place)) as QueryTexts
}

function cut(text: string | undefined): string | undefined {
  return text === undefined || text.length <= MAX_KEPT_TEXT ? text : `${text.slice(0, MAX_KEPT_TEXT)}\n[cut]`
}
