/**
 * The load record: a node's signed statement of its load, small enough to gossip. Whose it is follows from the key that
 * signed it: an Ed25519 peer id is that key, so the record need not spell it out.
 */
import { publicKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import type { NodeLoad } from '../../core/model/load.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { readEnvelope, type SignedKind, sealEnvelope, type UnverifiedEnvelope } from '../signed-envelope.ts'
import { decodeLoadState, encodeLoadState } from './load-state.ts'

/** Largest record, signature and all: it is sent every second by every node to every node. */
export const MAX_LOAD_RECORD_BYTES = 512

const PAYLOAD_TYPE = Buffer.from('rml')

/** Tags and lengths of the envelope's four fields, and the signature. */
const ENVELOPE_OVERHEAD = 2 + (2 + PAYLOAD_TYPE.byteLength) + 3 + (2 + 64)

/** The gossip topic that carries the records of a network. */
export function loadTopic(network: string): string {
  return `realmesh/${network}/load/1`
}

export interface LoadRecordNetwork {
  /** Part of what is signed: a record of one network is none in another. */
  readonly network: string
}

/** What a record claims, before its signature was checked. */
export interface LoadClaim {
  /** Peer id that the signing key belongs to. */
  readonly node: string
  readonly seq: number
  readonly at: number
}

export interface OpenedLoad {
  /** Peer id that signed it. */
  readonly node: string
  readonly load: NodeLoad
}

/** Signs the load; models beyond the bound are left out, the least busy and cold ones first. */
export async function sealLoad(load: NodeLoad, key: PrivateKey, options: LoadRecordNetwork): Promise<Uint8Array> {
  const room = MAX_LOAD_RECORD_BYTES - ENVELOPE_OVERHEAD - publicKeyToProtobuf(key.publicKey).byteLength
  return sealEnvelope(kindOf(options.network), encodeLoadState(load, room), key)
}

/** Reads whose record it is, its order and its time, without the cost of a signature. Throws `PROTOCOL_ERROR`. */
export function peekLoad(bytes: Uint8Array, options: LoadRecordNetwork): LoadClaim {
  const envelope = readEnvelope(kindOf(options.network), bytes, MAX_LOAD_RECORD_BYTES)
  const { seq, at } = decodeLoadState(envelope.payload)
  return { node: signerOf(envelope), seq, at }
}

/** Reads a record and checks its signature. Rejects with `PROTOCOL_ERROR`. */
export async function openLoad(bytes: Uint8Array, options: LoadRecordNetwork): Promise<OpenedLoad> {
  const envelope = readEnvelope(kindOf(options.network), bytes, MAX_LOAD_RECORD_BYTES)
  const load = decodeLoadState(envelope.payload)
  if (!(await envelope.verify())) throw new RealmeshError('PROTOCOL_ERROR', 'the signature of a load record is wrong')
  return { node: signerOf(envelope), load }
}

function kindOf(network: string): SignedKind {
  return { domain: `realmesh/${network}/load/1`, payloadType: PAYLOAD_TYPE }
}

function signerOf(envelope: UnverifiedEnvelope): string {
  return peerIdFromPublicKey(envelope.publicKey).toString()
}
