/**
 * The check that an open proves nothing without: count all records, add up their checksums, and hold that against the
 * head (written with the data) and the witness (written beside it). The judgement is a pure function.
 */
import { RealmeshError } from '../../core/realmesh-error.ts'
import { carriedChecksum, isIntact } from '../store/checked-record.ts'
import { pagesOf, type StoreReader } from '../store/shard-store.ts'
import { addToSum, decodeHead, HEAD_KEY, type ShardHead } from './shard-head.ts'
import type { Witness } from './witness-file.ts'

/** What a scan of all records saw. */
export interface ShardScan {
  readonly records: number
  readonly sum: number
  /** Records whose own checksum does not fit. */
  readonly damagedRecords: number
  readonly head: ShardHead | undefined
  /** Why the scan ended early; undefined when it saw everything. */
  readonly failure?: string
}

/** Reads every record. Never throws for damage: that is what it is there to find. */
export async function scanShard(reader: StoreReader, onDamaged?: (key: string) => void): Promise<ShardScan> {
  let records = 0
  let sum = 0
  let damagedRecords = 0
  let head: ShardHead | undefined
  const result = (): ShardScan => ({ records, sum, damagedRecords, head })
  const see = (key: string, bytes: Uint8Array): void => {
    if (!isIntact(key, bytes)) {
      damagedRecords += 1
      onDamaged?.(key)
    } else if (key === HEAD_KEY) {
      head = decodeHead(bytes)
      return
    }
    records += 1
    sum = addToSum(sum, carriedChecksum(bytes))
  }
  try {
    for await (const page of pagesOf(reader)) for (const [key, bytes] of page) see(key, bytes)
  } catch (thrown) {
    if (thrown instanceof RealmeshError && thrown.code === 'STORAGE_DAMAGED') {
      return { ...result(), failure: thrown.message }
    }
    throw thrown
  }
  return result()
}

/** What is known to be wrong with a shard. Figures that cannot be known are absent. */
export interface ShardDamage {
  /** One line each, for people. */
  readonly findings: readonly string[]
  readonly recordsExpected?: number
  readonly recordsFound: number
  readonly damagedRecords: number
  /** Acknowledged commits that the store does not know of. */
  readonly commitsLost?: number
}

export interface Expectation {
  /** Epoch in the marker file. */
  readonly epoch: string
  /** What the witness says; undefined when it is unreadable or was never there. */
  readonly witness: Witness | undefined
}

/**
 * What is wrong; undefined when the store holds exactly what was acknowledged, or more (a commit that was not yet
 * witnessed).
 */
export function judgeScan(scan: ShardScan, expected: Expectation): ShardDamage | undefined {
  const { head } = scan
  const findings: string[] = []
  if (scan.failure !== undefined) findings.push(`reading stopped: ${scan.failure}`)
  if (scan.damagedRecords > 0) findings.push(`${scan.damagedRecords} records do not fit their checksum`)
  if (head === undefined) {
    findings.push('the record of what the shard holds is missing')
    return { findings, recordsFound: scan.records, damagedRecords: scan.damagedRecords }
  }
  if (head.epoch !== expected.epoch) findings.push('this is not the store that was created here')
  const missing = head.records - scan.records
  if (missing !== 0) findings.push(`${Math.abs(missing)} records are ${missing > 0 ? 'missing' : 'too many'}`)
  else if (head.sum !== scan.sum) findings.push('some records are older than they were')
  const { witness } = expected
  const commitsLost = witness?.epoch === head.epoch ? Math.max(0, witness.seq - head.seq) : 0
  if (commitsLost > 0) findings.push(`the last ${commitsLost} acknowledged commits are missing`)
  if (findings.length === 0) return undefined
  return {
    findings,
    recordsExpected: head.records,
    recordsFound: scan.records,
    damagedRecords: scan.damagedRecords,
    commitsLost,
  }
}
