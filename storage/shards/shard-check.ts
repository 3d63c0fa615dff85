/**
 * `realmesh shards verify`: a shard held against its own counters while it serves, and each of its users against the
 * map.
 */

import type { Account } from '../rows/account.ts'
import { isAccountKey } from '../rows/keys.ts'
import type { Shard } from '../shard/shard.ts'
import { addToSum, decodeHead, HEAD_KEY, type ShardHead } from '../shard/shard-head.ts'
import { carriedChecksum, decodeRecord, isIntact } from '../store/checked-record.ts'
import { pagesOf } from '../store/shard-store.ts'

export interface ShardCheck {
  readonly shard: string
  readonly records: number
  readonly users: number
  /** Users found here who live elsewhere: copies that a cut-off move left. */
  readonly strays: number
  /** What is wrong, one line each; empty when all is well. */
  readonly findings: readonly string[]
}

/** Damaged records that a finding names by their keys; keys.ts says what they are. They tell no GUID. */
const NAMED = 5

/** Reads every record of a frozen view. `livesHere` says whether the user of that GUID belongs into this shard. */
export async function checkShard(shard: Shard, livesHere: (guid: string) => boolean): Promise<ShardCheck> {
  const view = await shard.exclusive(async () => shard.snapshot())
  const seen = { records: 0, sum: 0, users: 0, strays: 0 }
  const damaged: string[] = []
  let head: ShardHead | undefined
  try {
    for await (const page of pagesOf(view)) {
      for (const [key, bytes] of page) {
        if (!isIntact(key, bytes)) {
          damaged.push(key)
          continue
        }
        if (key === HEAD_KEY) {
          head = decodeHead(bytes)
          continue
        }
        seen.records += 1
        seen.sum = addToSum(seen.sum, carriedChecksum(bytes))
        if (!isAccountKey(key)) continue
        seen.users += 1
        if (!livesHere((decodeRecord(key, bytes).value as Account).guid)) seen.strays += 1
      }
    }
  } finally {
    await view.close()
  }
  const findings: string[] = []
  if (damaged.length > 0) {
    const named = damaged.slice(0, NAMED).join(', ')
    const more = damaged.length > NAMED ? ', …' : ''
    findings.push(`${damaged.length} records do not fit their checksum: ${named}${more}`)
  }
  if (seen.strays > 0) findings.push(`${seen.strays} users have rows here but live elsewhere`)
  if (!shard.shared) {
    // A store that nothing was ever written to has no head yet.
    const expected = head ?? (shard.head.seq === 0 ? shard.head : undefined)
    if (expected === undefined) findings.push('the record of what the shard holds is missing')
    else if (expected.records !== seen.records)
      findings.push(`${expected.records} records expected, ${seen.records} found`)
    else if (expected.sum !== seen.sum) findings.push('some records are older than they were')
  }
  return { shard: shard.name, records: seen.records, users: seen.users, strays: seen.strays, findings }
}
