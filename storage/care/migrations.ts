/** All changes of the layout, in order; migrate.ts applies them. Layout 1 was the first. */
import { USERS_PREFIX } from '../rows/keys.ts'
import type { StoredTexts } from '../rows/query-row.ts'
import type { Migration } from './migrate.ts'

/** Rows of layout 1 that nothing reads: the index's API keys, and what a shard's users used of each peer. */
const UNREAD = /^[aklx]\//

/** Texts of a query in layout 1: JSON in a string, sealed or not. */
interface FormerTexts {
  readonly sealed: boolean
  readonly text: string
}

/** An event of a user's ledger in layout 1: what a query used, or a credit. */
interface FormerEvent {
  readonly kind: 'used' | 'credit'
  readonly at: number
  readonly amountMicros: number
  readonly note: string
}

/**
 * Layout 2: a query is one row. The event that repeated what it used goes; texts that have a row of their own are
 * stored as they are. Ids charged before are known no longer, unless they come with the same start.
 */
const ONE_ROW_A_QUERY: Migration = {
  to: 2,
  row: (key, value) => {
    if (UNREAD.test(key)) return undefined
    const kind = key.startsWith(USERS_PREFIX) ? key.split('/')[2] : undefined
    if (kind === 'e') return creditOf(value as FormerEvent)
    if (kind === 't') return textsOf(value as FormerTexts | StoredTexts)
    return value as object
  },
}

function creditOf(event: FormerEvent): object | undefined {
  if (event.kind === undefined) return event
  return event.kind === 'credit' ? { at: event.at, amountMicros: event.amountMicros, note: event.note } : undefined
}

function textsOf(texts: FormerTexts | StoredTexts): StoredTexts {
  if (!('text' in texts)) return texts
  return texts.sealed ? { sealed: texts.text } : (JSON.parse(texts.text) as StoredTexts)
}

export const MIGRATIONS: readonly Migration[] = [ONE_ROW_A_QUERY]
