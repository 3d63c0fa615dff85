/**
 * A federation's word that a node is its member: signed by the federation's key over the node's peer id. A label alone
 * proves nothing.
 */
import type { PrivateKey, PublicKey } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { cleanText } from '../../core/clean-text.ts'
import { readEnvelope, type SignedKind, sealEnvelope } from '../signed-envelope.ts'
import { CERTIFICATE_LIFE_MS, CERTIFICATE_SKEW_MS, MAX_CERTIFICATE_BYTES, MAX_LABEL_LENGTH } from './constants.ts'
import { WireCertificate } from './messages.ts'

/** Membership that was proved. */
export interface FederationProof {
  /** The federation's public key, written like a peer id: it names the federation everywhere. */
  readonly publicKey: string
  /** What its owner calls it. */
  readonly label: string
  /** Wall clock in milliseconds after which the proof is worth nothing. */
  readonly notAfter: number
}

export interface CertificateSubject {
  readonly network: string
  /** The member. */
  readonly peerId: string
  /** Wall clock, milliseconds. */
  readonly now: number
}

export interface IssueOptions extends CertificateSubject {
  readonly label: string
}

/** The name of a federation: its public key in the form of a peer id. */
export function federationId(key: PublicKey): string {
  return peerIdFromPublicKey(key).toString()
}

/** Certifies a member for one year from `now`. */
export async function issueCertificate(federationKey: PrivateKey, options: IssueOptions): Promise<Uint8Array> {
  const { network, peerId, now } = options
  const label = cleanText(options.label, MAX_LABEL_LENGTH)
  const notAfter = now + CERTIFICATE_LIFE_MS
  const payload = WireCertificate.encode({ network, peerId, label, notBefore: now, notAfter })
  return sealEnvelope(kindOf(network), payload, federationKey)
}

/**
 * What the certificate proves of this member, in this network, now; undefined when it proves nothing. Never rejects.
 */
export async function verifyCertificate(
  certificate: Uint8Array,
  { network, peerId, now }: CertificateSubject,
): Promise<FederationProof | undefined> {
  try {
    const envelope = readEnvelope(kindOf(network), certificate, MAX_CERTIFICATE_BYTES)
    const { label, notBefore, notAfter, ...subject } = WireCertificate.decode(envelope.payload)
    if (subject.network !== network || subject.peerId !== peerId) return undefined
    if (now < notBefore - CERTIFICATE_SKEW_MS || now > notAfter || notAfter - notBefore > CERTIFICATE_LIFE_MS)
      return undefined
    if (!(await envelope.verify())) return undefined
    return { publicKey: federationId(envelope.publicKey), label: cleanText(label, MAX_LABEL_LENGTH), notAfter }
  } catch {
    return undefined // malformed: it proves nothing, and the card is judged without it
  }
}

function kindOf(network: string): SignedKind {
  return { domain: `realmesh/${network}/federation/1`, payloadType: Buffer.from('realmesh-federation') }
}
