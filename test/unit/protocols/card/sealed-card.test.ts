import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { federationId, issueCertificate, verifyCertificate } from '../../../../protocols/card/federation-certificate.ts'
import { openCard, sealCard } from '../../../../protocols/card/sealed-card.ts'
import { cardContent } from '../../../support/card.ts'

const NOW = 1_700_000_000_000
const YEAR = 365 * 24 * 3_600_000
const network = 'test'

describe('a card', () => {
  let key: PrivateKey
  let federation: PrivateKey
  let peerId: string
  let certificate: Uint8Array

  before(async () => {
    key = await generateKeyPair('Ed25519')
    federation = await generateKeyPair('Ed25519')
    peerId = peerIdFromPrivateKey(key).toString()
    certificate = await issueCertificate(federation, { network, peerId, label: 'ours', now: NOW })
  })

  it('opens to what was sealed, with the signer’s peer id', async () => {
    const card = await openCard(await sealCard(cardContent(), key), { network, peer: peerId, now: NOW })
    assert.deepEqual(card, { ...cardContent(), peerId })
  })

  it('of somebody else, of another network, or changed, does not open', async () => {
    const sealed = await sealCard(cardContent(), key)
    const other = peerIdFromPrivateKey(federation).toString()
    await assert.rejects(openCard(sealed, { network, peer: other, now: NOW }), { code: 'PROTOCOL_ERROR' })
    await assert.rejects(openCard(sealed, { network: 'main', now: NOW }), { code: 'PROTOCOL_ERROR' })
    const changed = Uint8Array.from(sealed)
    const at = changed.byteLength - 1
    changed[at] = (changed[at] ?? 0) ^ 1
    await assert.rejects(openCard(changed, { network, now: NOW }), { code: 'PROTOCOL_ERROR', message: /signature/ })
  })

  it('shows the federation that certified its node', async () => {
    const card = await openCard(await sealCard(cardContent({ certificate }), key), { network, now: NOW })
    assert.deepEqual(
      { ...card.federation, certificate: undefined },
      { publicKey: federationId(federation.publicKey), label: 'ours', notAfter: NOW + YEAR, certificate: undefined },
    )
    assert.deepEqual(Buffer.from(card.federation?.certificate ?? []), Buffer.from(certificate))
  })

  it('is that of a stranger when its certificate proves nothing', async () => {
    const stolen = await issueCertificate(federation, { network, peerId: 'somebody else', label: 'ours', now: NOW })
    for (const bad of [stolen, Uint8Array.of(1, 2, 3), new Uint8Array(2_000)]) {
      const card = await openCard(await sealCard(cardContent({ certificate: bad }), key), { network, now: NOW })
      assert.equal(card.federation, undefined)
    }
  })

  it('is cut to its bounds when it is sealed', async () => {
    const [first] = cardContent().models
    assert.ok(first !== undefined)
    const models = Array.from({ length: 1_000 }, (_, i) => ({
      ...first,
      model: { ...first.model, name: `${i}`.padEnd(200, 'x') },
    }))
    const sealed = await sealCard(cardContent({ models, addresses: Array(20).fill('/ip4/127.0.0.1/tcp/1') }), key)
    assert.ok(sealed.byteLength <= 64 * 1_024)
    const card = await openCard(sealed, { network, now: NOW })
    assert.ok(card.models.length > 0 && card.models.length <= 256)
    assert.equal(card.addresses.length, 8)
  })

  it('is no certificate, nor the other way round', async () => {
    const sealed = await sealCard(cardContent(), key)
    assert.equal(await verifyCertificate(sealed, { network, peerId, now: NOW }), undefined)
    await assert.rejects(openCard(certificate, { network, now: NOW }), { code: 'PROTOCOL_ERROR' })
  })
})
