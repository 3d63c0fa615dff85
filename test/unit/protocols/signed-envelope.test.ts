import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { readEnvelope, type SignedKind, sealEnvelope } from '../../../protocols/signed-envelope.ts'

const KIND: SignedKind = { domain: 'realmesh/test/thing/1', payloadType: Buffer.from('thing') }
const PAYLOAD = Buffer.from('what is said')

describe('a signed envelope', () => {
  let key: PrivateKey
  let sealed: Uint8Array
  before(async () => {
    key = await generateKeyPair('Ed25519')
    sealed = await sealEnvelope(KIND, PAYLOAD, key)
  })

  it('holds what was signed, and by whom', async () => {
    const envelope = readEnvelope(KIND, sealed, 1_000)
    assert.deepEqual(Buffer.from(envelope.payload), PAYLOAD)
    assert.ok(envelope.publicKey.equals(key.publicKey))
    assert.equal(await envelope.verify(), true)
  })

  it('is worth nothing in another domain, and is refused as another kind', async () => {
    const elsewhere = readEnvelope({ ...KIND, domain: 'realmesh/main/thing/1' }, sealed, 1_000)
    assert.equal(await elsewhere.verify(), false)
    assert.throws(() => readEnvelope({ ...KIND, payloadType: Buffer.from('other') }, sealed, 1_000), {
      code: 'PROTOCOL_ERROR',
      message: /another kind/,
    })
  })

  it('is not verified with any byte of its signature changed or missing', async () => {
    for (let at = sealed.byteLength - 64; at < sealed.byteLength; at += 1) {
      const changed = Uint8Array.from(sealed)
      changed[at] = (changed[at] ?? 0) ^ 1
      assert.equal(await readEnvelope(KIND, changed, 1_000).verify(), false)
    }
    const short = Uint8Array.from(sealed.subarray(0, -1))
    short[sealed.byteLength - 65] = 63 // the length of the signature, which is the last field
    assert.equal(await readEnvelope(KIND, short, 1_000).verify(), false)
  })

  it('is refused unread when it is too large, malformed or of a key that no node has', async () => {
    assert.throws(() => readEnvelope(KIND, sealed, sealed.byteLength - 1), { code: 'PROTOCOL_ERROR', message: /bytes/ })
    assert.throws(() => readEnvelope(KIND, Buffer.from('garbage'), 1_000), { code: 'PROTOCOL_ERROR' })
    const foreign = await sealEnvelope(KIND, PAYLOAD, await generateKeyPair('secp256k1'))
    assert.throws(() => readEnvelope(KIND, foreign, 1_000), { code: 'PROTOCOL_ERROR', message: /Ed25519/ })
  })
})
