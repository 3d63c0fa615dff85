/** Cards in their envelope: signed by the node's own key, which is the node's peer id. */
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { readEnvelope, type SignedKind, sealEnvelope } from '../signed-envelope.ts'
import type { Card } from './card.ts'
import { type CardContent, decodeCard, encodeCard } from './card-codec.ts'
import { MAX_CARD_BYTES } from './constants.ts'
import { verifyCertificate } from './federation-certificate.ts'

export interface OpenCardOptions {
  readonly network: string
  /** Whose card it must be, as the connection proved; absent when any peer's will do. */
  readonly peer?: string
  /** Wall clock, milliseconds. */
  readonly now: number
}

/** Signs a card. Models at the end are left out when it would be too large. Throws `INTERNAL` when nothing helps. */
export async function sealCard(content: CardContent, key: PrivateKey): Promise<Uint8Array> {
  for (let { models } = content; ; models = models.slice(0, Math.floor(models.length / 2))) {
    const sealed = await sealEnvelope(kindOf(content.network), encodeCard({ ...content, models }), key)
    if (sealed.byteLength <= MAX_CARD_BYTES) return sealed
    if (models.length === 0) throw new RealmeshError('INTERNAL', `a card has ${sealed.byteLength} bytes`)
  }
}

/**
 * Opens a card: bounds, signature, signer and network are right, or it rejects with `PROTOCOL_ERROR`. A membership
 * whose certificate proves nothing is left out: its node is a stranger.
 */
export async function openCard(bytes: Uint8Array, options: OpenCardOptions): Promise<Card> {
  const envelope = readEnvelope(kindOf(options.network), bytes, MAX_CARD_BYTES)
  const peerId = peerIdFromPublicKey(envelope.publicKey).toString()
  if (options.peer !== undefined && options.peer !== peerId) throw refused('is that of another peer')
  const { certificate, ...content } = decodeCard(envelope.payload)
  if (content.network !== options.network) throw refused('is from another network')
  if (!(await envelope.verify())) throw refused('has a wrong signature')
  if (certificate === undefined) return { ...content, peerId }
  const proof = await verifyCertificate(certificate, { network: options.network, peerId, now: options.now })
  return proof === undefined ? { ...content, peerId } : { ...content, peerId, federation: { ...proof, certificate } }
}

function kindOf(network: string): SignedKind {
  return { domain: `realmesh/${network}/card/1`, payloadType: Buffer.from('realmesh-card') }
}

function refused(what: string): RealmeshError {
  return new RealmeshError('PROTOCOL_ERROR', `the card ${what}`)
}
