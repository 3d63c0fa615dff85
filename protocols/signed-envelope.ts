/**
 * Signed things: a libp2p signed envelope with a domain and a payload type per kind, so that a signature of one kind,
 * or of one network, is worth nothing as another.
 */
import type { PrivateKey, PublicKey } from '@libp2p/interface'
import { RecordEnvelope } from '@libp2p/peer-record'
import { RealmeshError } from '../core/realmesh-error.ts'

/** What a signature is for. */
export interface SignedKind {
  /** Separates signatures; holds the network where the thing belongs to one. */
  readonly domain: string
  readonly payloadType: Uint8Array
}

/** Signs `payload`; resolves to the whole envelope as it travels. */
export async function sealEnvelope(kind: SignedKind, payload: Uint8Array, key: PrivateKey): Promise<Uint8Array> {
  const record = { domain: kind.domain, codec: kind.payloadType, marshal: () => payload, equals: () => false }
  return (await RecordEnvelope.seal(record, key)).marshal()
}

/** An envelope that was taken apart. Until `verify` has resolved to true its key is only a claim. */
export interface UnverifiedEnvelope {
  readonly publicKey: PublicKey
  readonly payload: Uint8Array
  verify(): Promise<boolean>
}

/**
 * Takes an envelope apart without checking its signature. Throws `PROTOCOL_ERROR` when it is larger than `maxBytes`,
 * malformed, of another kind, or signed by a key that is not Ed25519, which is the only kind that nodes and federations
 * have.
 */
export function readEnvelope(kind: SignedKind, bytes: Uint8Array, maxBytes: number): UnverifiedEnvelope {
  if (bytes.byteLength > maxBytes) throw malformed(kind, `has ${bytes.byteLength} bytes, ${maxBytes} are allowed`)
  const envelope = decoded(kind, bytes)
  const { publicKey, payload, payloadType } = envelope
  if (publicKey.type !== 'Ed25519') throw malformed(kind, 'is not signed by an Ed25519 key')
  if (Buffer.compare(payloadType, kind.payloadType) !== 0) throw malformed(kind, 'is of another kind')
  return { publicKey, payload, verify: () => verified(envelope, kind.domain) }
}

function decoded(kind: SignedKind, bytes: Uint8Array): RecordEnvelope {
  try {
    return RecordEnvelope.createFromProtobuf(bytes)
  } catch (cause) {
    throw malformed(kind, 'is malformed', cause)
  }
}

/** A signature of the wrong length makes the verifier throw; that too means no. */
async function verified(envelope: RecordEnvelope, domain: string): Promise<boolean> {
  try {
    return await envelope.validate(domain)
  } catch {
    return false
  }
}

function malformed(kind: SignedKind, what: string, cause?: unknown): RealmeshError {
  return new RealmeshError('PROTOCOL_ERROR', `a signed thing of ${kind.domain} ${what}`, { cause })
}
