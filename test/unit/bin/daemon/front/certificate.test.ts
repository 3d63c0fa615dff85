import assert from 'node:assert/strict'
import { chmod, rm, writeFile } from 'node:fs/promises'
import { readCertificate } from '../../../../../bin/daemon/front/certificate.ts'
import { certificateOf, putCertificate } from '../../../../support/certificates.ts'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'

describe('the certificate of the gateway', () => {
  const folder = temporaryFolder()
  const files = () => ({ cert: folder.path('tls.crt'), key: folder.path('tls.key') })
  beforeEach(() => putCertificate(files(), 'one'))

  it('is read with its key, its fingerprint and its end', async () => {
    const { cert, key, fingerprint, expiresMs } = await readCertificate(files())
    assert.deepEqual({ cert, key }, certificateOf('one'))
    assert.match(fingerprint, /^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/)
    assert.ok(expiresMs > Date.parse('2100-01-01'))
  })

  const broken: readonly (readonly [string, () => Promise<void>, RegExp])[] = [
    ['another certificate’s key', () => putCertificate(files(), 'one', 'two'), /tls\.key is not the key of/],
    ['half a certificate', () => writeFile(files().cert, certificateOf('one').cert.slice(0, 300)), /no certificate/],
    ['half a key', () => writeFile(files().key, certificateOf('one').key.slice(0, 100)), /holds no private key/],
    ['an empty certificate', () => writeFile(files().cert, ''), /tls\.crt holds no certificate/],
    ['no certificate', () => rm(files().cert), /tls\.crt cannot be read: ENOENT/],
    ['no key', () => rm(files().key), /tls\.key is not there/],
  ]
  for (const [name, damage, message] of broken) {
    it(`is refused with ${name}`, async () => {
      await damage()
      await assert.rejects(readCertificate(files()), { code: 'KEY_FILE_BAD', message })
    })
  }

  it('is refused with a key that others may read, and taken with one that the group may', async () => {
    await chmod(files().key, 0o604)
    await assert.rejects(readCertificate(files()), { code: 'KEY_FILE_LAX' })
    await chmod(files().key, 0o640)
    await readCertificate(files())
  })
})
