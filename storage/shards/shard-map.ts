/**
 * Which shard a user belongs to: the longest matching prefix of an operator's override, else rendezvous hashing (the
 * shard with the highest score for this user). Adding one of n shards moves 1/n of the users, all of them to the new
 * one. Pure.
 */
import { hash } from 'node:crypto'
import type { UserRef } from '../rows/keys.ts'

export interface ShardMap {
  /** Names of the shards that take users. Not empty. */
  readonly shards: readonly string[]
  /** Prefix of a GUID to the name of a shard. Entries for shards that take no users are passed over. */
  readonly prefixes: ReadonlyMap<string, string>
}

/** MurmurHash3's finaliser: every bit of the input changes half of the output. */
function mix(value: number): number {
  let h = value
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** Seeds of shard names; names come from the operator only, so the table stays small. */
const seeds = new Map<string, number>()

function seedOf(shard: string): number {
  let seed = seeds.get(shard)
  if (seed === undefined) {
    seed = Buffer.from(hash('sha256', shard, 'hex'), 'hex').readUInt32LE(0)
    seeds.set(shard, seed)
  }
  return seed
}

/** The shard with the highest score. Ties go to the name that sorts first, so that every run agrees. */
export function rendezvous(userKey: string, shards: readonly string[]): string | undefined {
  const bytes = Buffer.from(userKey, 'base64url')
  const [a, b] = bytes.length >= 8 ? [bytes.readUInt32LE(0), bytes.readUInt32LE(4)] : [0, 0]
  let best: string | undefined
  let bestScore = -1
  for (const shard of shards) {
    const score = mix(mix(a ^ seedOf(shard)) ^ b)
    if (score > bestScore || (score === bestScore && best !== undefined && shard < best)) {
      best = shard
      bestScore = score
    }
  }
  return best
}

function byPrefix(map: ShardMap, guid: string): string | undefined {
  let best: string | undefined
  let length = -1
  for (const [prefix, shard] of map.prefixes) {
    if (prefix.length > length && guid.startsWith(prefix) && map.shards.includes(shard)) {
      best = shard
      length = prefix.length
    }
  }
  return best
}

/** The shard that the map gives to the user. Throws when the map has no shards, which the configuration rules out. */
export function shardOf(map: ShardMap, user: UserRef): string {
  const shard = byPrefix(map, user.guid) ?? rendezvous(user.key, map.shards)
  if (shard === undefined) throw new Error('a shard map without shards')
  return shard
}
