/**
 * Keys of the index, and walks over its rows:
 *
 *   n/<nickname>  who has it        f         the first sysop   o/<user>  lives in another shard than the map says
 *   i/<user>      claim under way   m/<user>  move under way    g         plan of shards
 *   b/<user>      is shut out       t         totals of the house
 */
import { keyOf } from '../rows/keys.ts'
import type { Shard } from '../shard/shard.ts'
import { keyAfter, prefixEnd } from '../store/shard-store.ts'

export const PLAN_KEY = 'g'
export const FIRST_SYSOP_KEY = 'f'
export const TOTALS_KEY = 't'
/** Rows of claims under way; they hold GUIDs. */
export const INTENTS_PREFIX = 'i/'
export const MOVES_PREFIX = 'm/'
export const OVERRIDES_PREFIX = 'o/'
export const BANS_PREFIX = 'b/'

/** `canonical` is the form in which nicknames are compared. */
export const nicknameKey = (canonical: string): string => `n/${keyOf(canonical)}`
export const intentKey = (user: string): string => `${INTENTS_PREFIX}${user}`
export const moveKey = (user: string): string => `${MOVES_PREFIX}${user}`
export const overrideKey = (user: string): string => `${OVERRIDES_PREFIX}${user}`
export const banKey = (user: string): string => `${BANS_PREFIX}${user}`

/** Rows read at once. */
const PAGE = 1_000

/** All rows under a prefix, by what follows the prefix in their keys. */
export async function rowsUnder<T>(shard: Shard, prefix: string): Promise<Map<string, T>> {
  const all = new Map<string, T>()
  const lt = prefixEnd(prefix)
  for (let gte = prefix; ; ) {
    const page = await shard.range<T>({ gte, lt, limit: PAGE })
    for (const { key, value } of page) all.set(key.slice(prefix.length), value)
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return all
    gte = keyAfter(last.key)
  }
}
