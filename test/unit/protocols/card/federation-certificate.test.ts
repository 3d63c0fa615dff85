import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { federationId, issueCertificate, verifyCertificate } from '../../../../protocols/card/federation-certificate.ts'

const NOW = 1_700_000_000_000
const YEAR = 365 * 24 * 3_600_000
const DAY = 86_400_000
const network = 'test'

describe('a federation certificate', () => {
  let key: PrivateKey
  let certificate: Uint8Array

  before(async () => {
    key = await generateKeyPair('Ed25519')
    certificate = await issueCertificate(key, { network, peerId: 'member', label: 'ours', now: NOW })
  })

  const cases: Record<string, [subject: { network?: string; peerId?: string; now?: number }, proves: boolean]> = {
    'its member at once': [{}, true],
    'its member a day before, for clocks differ': [{ now: NOW - DAY }, true],
    'its member to the last moment of the year': [{ now: NOW + YEAR }, true],
    'nobody long before': [{ now: NOW - DAY - 1 }, false],
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
})
