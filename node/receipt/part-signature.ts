/** The signature of served parts: up to eight under one, and whether one holds. */

import type { KeyObject } from 'node:crypto'
import { hash, verify } from 'node:crypto'
import { RECEIPT_VERSION, type SamplingValues, type ServedPart, type Verified } from '../../core/query/receipt.ts'
import type { Signer } from './ed25519-signer.ts'

/** What is hashed and what is signed begin with these, so that neither can ever be taken for something else. */
const PART_DOMAIN = `realmesh-served-part/${RECEIPT_VERSION}`
const LIST_DOMAIN = Buffer.from(`realmesh-served-parts/${RECEIPT_VERSION}`)

const SIGNATURE_BYTES = 64
const DIGEST_BYTES = 32

/**
 * Parts under one signature. An eighth of a signature costs less than the rest of a part; each more would lengthen
 * all of them.
 */
export const MAX_SIGNED_TOGETHER = 8

/** A part, and the query that it belongs to. */
export interface PartOfQuery {
  readonly id: string
  readonly part: ServedPart
}

/**
 * Signs up to `MAX_SIGNED_TOGETHER` parts at once: the signature is over the list of their digests and travels with
 * that list, as base64. A digest tells nothing to anyone who does not know the query's id and its answer.
 */
export function signServedParts(parts: readonly PartOfQuery[], signer: Signer): readonly ServedPart[] {
  const digests = Buffer.concat(parts.map(({ id, part }) => digestOf(id, part)))
  const signed = signer.sign(Buffer.concat([LIST_DOMAIN, digests]))
  const signature = Buffer.concat([signed, digests]).toString('base64')
  return parts.map(({ part }) => ({ ...part, signature }))
}

/**
 * Whether the part was signed by `key` for this query, unchanged. `no`: it is unsigned, of another version, or the key
 * is not known.
 */
export function verifyServedPart(id: string, part: ServedPart, key: KeyObject | undefined): Verified {
  if (part.signature === undefined || part.version !== RECEIPT_VERSION || key === undefined) return 'no'
  const bytes = Buffer.from(part.signature, 'base64')
  const [signed, digests] = [bytes.subarray(0, SIGNATURE_BYTES), bytes.subarray(SIGNATURE_BYTES)]
  if (digests.length > MAX_SIGNED_TOGETHER * DIGEST_BYTES || !holds(digests, digestOf(id, part))) return 'wrong'
  return verify(null, Buffer.concat([LIST_DOMAIN, digests]), key, signed) ? 'yes' : 'wrong'
}

function digestOf(id: string, part: ServedPart): Buffer {
  const { node, worker, engine, model, by, answerHash, pieceHashes } = part
  const { promptTokens, completionTokens, waitedMs, firstMs, decodeRate } = part
  const fields = [
    ...[PART_DOMAIN, id, node, worker, engine, model, answerHash, pieceHashes],
    ...[by.digest ?? null, by.template ?? null, by.quantization ?? null, settings(by.sent), settings(by.defaults)],
    ...[promptTokens, completionTokens, waitedMs, firstMs ?? null, decodeRate ?? null],
  ]
  return hash('sha256', JSON.stringify(fields), 'buffer')
}

function settings(values: SamplingValues | undefined): unknown {
  return values === undefined ? null : Object.entries(values)
}

function holds(digests: Buffer, digest: Buffer): boolean {
  for (let at = 0; at < digests.length; at += DIGEST_BYTES) {
    if (digests.subarray(at, at + DIGEST_BYTES).equals(digest)) return true
  }
  return false
}
