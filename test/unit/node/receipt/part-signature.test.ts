import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { ServedPart } from '../../../../core/query/receipt.ts'
import { ed25519PublicKey, ed25519Signer } from '../../../../node/receipt/ed25519-signer.ts'
import { MAX_SIGNED_TOGETHER, signServedParts, verifyServedPart } from '../../../../node/receipt/part-signature.ts'
import { servedPart } from '../../../support/served-part.ts'

const key = await generateKeyPair('Ed25519')
const signer = ed25519Signer(key)
const publicKey = ed25519PublicKey(key.publicKey.raw)
const PART = servedPart({
  by: { digest: 'd', template: 't', quantization: 'q', sent: { a: 1 }, defaults: { b: true } },
  firstMs: 4,
  decodeRate: 5.5,
})

/** Each member changed to something else. */
const CHANGES: Required<{ [K in Exclude<keyof ServedPart, 'signature' | 'version'>]: ServedPart[K] }> = {
  node: 'x',
  worker: 'x',
  engine: 'x',
  model: 'x',
  by: {},
  answerHash: 'x',
  pieceHashes: 'x',
  promptTokens: 99,
  completionTokens: 99,
  waitedMs: 99,
  firstMs: 99,
  decodeRate: 99,
}

function signed(part = PART): ServedPart {
  const [made] = signServedParts([{ id: 'q', part }], signer)
  assert.ok(made)
  return made
}

describe('the signature of a served part', () => {
  it('proves it for its own query, alone and together with others', () => {
    const parts = Array.from({ length: MAX_SIGNED_TOGETHER }, (_, i) => ({
      id: `q-${i}`,
      part: servedPart({ waitedMs: i }),
    }))
    for (const [i, part] of signServedParts(parts, signer).entries()) {
      assert.equal(verifyServedPart(`q-${i}`, part, publicKey), 'yes')
      assert.equal(verifyServedPart('q-other', part, publicKey), 'wrong')
    }
    assert.equal(verifyServedPart('q', signed(), publicKey), 'yes')
  })

  it('does not fit when any member was changed', () => {
    for (const [member, value] of Object.entries(CHANGES)) {
      assert.equal(verifyServedPart('q', { ...signed(), [member]: value }, publicKey), 'wrong', member)
    }
    for (const member of ['digest', 'template', 'quantization', 'sent', 'defaults'] as const) {
      const { [member]: _, ...by } = PART.by
      assert.equal(verifyServedPart('q', { ...signed(), by }, publicKey), 'wrong', member)
    }
  })

  it('is wrong by another key, and when it is rubbish', async () => {
    const stranger = ed25519PublicKey((await generateKeyPair('Ed25519')).publicKey.raw)
    assert.equal(verifyServedPart('q', signed(), stranger), 'wrong')
    for (const signature of ['', 'AAAA', signed().signature?.slice(0, 80) ?? '', 'A'.repeat(2_000)]) {
      assert.equal(verifyServedPart('q', { ...PART, signature }, publicKey), 'wrong')
    }
  })

  it('says nothing where there is none, of another version, and without a key', () => {
    assert.equal(verifyServedPart('q', PART, publicKey), 'no')
    assert.equal(verifyServedPart('q', { ...signed(), version: 1 }, publicKey), 'no')
    assert.equal(verifyServedPart('q', { ...signed(), version: 3 }, publicKey), 'no')
    assert.equal(verifyServedPart('q', signed(), undefined), 'no')
  })
})
