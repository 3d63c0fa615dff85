/**
 * Where realms, models and federations are written in the DHT: `sha256("realmesh/<network>/realm/<realm>/<bucket>")`
 * and the same per model and federation. A realm and a model have 16 buckets, and a node writes only into the one of
 * its peer id, so that no key becomes the registry of the world. A federation has a few nodes, and one key.
 */
import { createHash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { canonicalModelName } from '../../core/model/model-name.ts'

export const DHT_BUCKETS = 16

/** The only bucket of a federation: its nodes look for each other by one walk. */
export const FEDERATION_BUCKET = 0

/** Multicodec of raw bytes; only the multihash is stored. */
const RAW = 0x55
/** Multicodec of SHA-256. */
const SHA2_256 = 0x12

/** What can be looked for. */
export interface DhtName {
  readonly kind: 'realm' | 'model' | 'federation'
  /** Of a federation its id, as its cards prove it. */
  readonly name: string
}

function sha256(text: string): Uint8Array {
  return createHash('sha256').update(text, 'utf8').digest()
}

/** The bucket that a node writes into, 0 to 15; even over peer ids. */
export function bucketOf(peerId: string): number {
  return (sha256(peerId)[0] ?? 0) % DHT_BUCKETS
}

/**
 * The buckets of a name that a node writes into, the usual one first. A model, which may have one node only, stands in
 * two: identities that crowd around one key do not hide it. A realm has many nodes. All of a federation stand in one.
 */
export function bucketsOf(peerId: string, kind: DhtName['kind']): readonly number[] {
  if (kind === 'federation') return [FEDERATION_BUCKET]
  const first = bucketOf(peerId)
  if (kind === 'realm') return [first]
  const others = (sha256(peerId)[1] ?? 0) % (DHT_BUCKETS - 1)
  return [first, (first + 1 + others) % DHT_BUCKETS]
}

/** The text that is hashed; model names in their canonical form. */
export function dhtKeyText(network: string, { kind, name }: DhtName, bucket: number): string {
  return `realmesh/${network}/${kind}/${kind === 'model' ? canonicalModelName(name) : name}/${bucket}`
}

/** The DHT key of one bucket of a realm, a model or a federation. */
export function dhtKey(network: string, name: DhtName, bucket: number): CID {
  return CID.createV1(RAW, createDigest(SHA2_256, sha256(dhtKeyText(network, name, bucket))))
}
