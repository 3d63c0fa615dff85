/** Signs many small things with one key: the key is made ready once, which halves the cost of each signature. */
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import type { Ed25519PrivateKey } from '@libp2p/interface'

export interface Signer {
  sign(bytes: Uint8Array): Uint8Array
}

/** Bytes of an Ed25519 seed; libp2p keeps the public key behind it. */
const SEED_BYTES = 32

/** The key that verifies them, from its 32 bytes. */
export function ed25519PublicKey(raw: Uint8Array): KeyObject {
  return createPublicKey({
    format: 'jwk',
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(raw).toString('base64url') },
  })
}

/** The signatures are those of the libp2p key: its public key verifies them. */
export function ed25519Signer(privateKey: Ed25519PrivateKey): Signer {
  const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
  const key = createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'OKP',
      crv: 'Ed25519',
      d: base64url(privateKey.raw.subarray(0, SEED_BYTES)),
      x: base64url(privateKey.publicKey.raw),
    },
  })
  return { sign: (bytes) => sign(null, bytes, key) }
}
