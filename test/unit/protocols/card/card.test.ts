import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { decodeCard, encodeCard } from '../../../../protocols/card/card-codec.ts'
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

  it('passes over types of query that are not known here', () => {
    const [first] = cardContent().models
    assert.ok(first !== undefined)
    const card = cardContent({
      realms: [...cardContent().realms, { name: '$SING', queryType: 'sing' as never }],
      models: [{ ...first, model: { ...first.model, types: ['chat', 'sing' as never] } }],
    })
    const opened = decodeCard(encodeCard(card))
    assert.deepEqual(opened.realms, cardContent().realms)
    assert.deepEqual(opened.models[0]?.model.types, ['chat'])
  })

  const wrong: Record<string, Parameters<typeof cardContent>[0]> = {
    'a share that is none': { share: 'everyone' as never },
    'a realm that is none': { realms: [{ name: '<script>', queryType: 'chat' }] },
    'an address that is none': { addresses: ['http://10.0.0.1'] },
    'an endless address': { addresses: [`/dns4/${'x'.repeat(300)}`] },
  }
  for (const [what, fields] of Object.entries(wrong)) {
    it(`with ${what} is refused`, () => {
      assert.throws(() => decodeCard(encodeCard(cardContent(fields))), { code: 'PROTOCOL_ERROR' })
    })
  }

  it('carries no control characters in what people read', () => {
    const { label, version } = decodeCard(encodeCard(cardContent({ label: 'a\u001b[31mb\n', version: '1\r\n2' })))
    assert.deepEqual([label, version], ['a [31mb', '1 2'])
  })
})

describe('a federation certificate', () => {
  let key: PrivateKey
  let certificate: Uint8Array

  before(async () => {
    key = await generateKeyPair('Ed25519')
    certificate = await issueCertificate(key, { network, peerId: 'member', label: 'ours', now: NOW })
  })

  const cases: Record<string, [subject: { network?: string; peerId?: string; now?: number }, proves: boolean]> = {
    'its member at once': [{}, true],
    'its member a little before, for clocks differ': [{ now: NOW - 3_600_000 }, true],
    'its member to the last moment of the year': [{ now: NOW + YEAR }, true],
    'nobody long before': [{ now: NOW - 3_600_001 }, false],
    'nobody after a year': [{ now: NOW + YEAR + 1 }, false],
    'no other node': [{ peerId: 'other' }, false],
    'nothing in another network': [{ network: 'main' }, false],
  }
  for (const [what, [subject, proves]] of Object.entries(cases)) {
    it(`proves ${what}`, async () => {
      const proof = await verifyCertificate(certificate, { network, peerId: 'member', now: NOW, ...subject })
      assert.deepEqual(
        proof,
        proves ? { publicKey: federationId(key.publicKey), label: 'ours', notAfter: NOW + YEAR } : undefined,
      )
    })
  }

  it('proves nothing with any bit changed', async () => {
    for (let at = 0; at < certificate.byteLength; at += 1) {
      const changed = Uint8Array.from(certificate)
      changed[at] = (changed[at] ?? 0) ^ 0x10
      assert.equal(await verifyCertificate(changed, { network, peerId: 'member', now: NOW }), undefined, `byte ${at}`)
    }
  })

  it('is not a card, nor the other way round', async () => {
    const sealed = await sealCard(cardContent(), key)
    assert.equal(await verifyCertificate(sealed, { network, peerId: 'member', now: NOW }), undefined)
    await assert.rejects(openCard(certificate, { network, now: NOW }), { code: 'PROTOCOL_ERROR' })
  })
})
