import assert from 'node:assert/strict'
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { readCertificate } from '../../../../../bin/daemon/front/certificate.ts'
import { CertificateKeeper } from '../../../../../bin/daemon/front/certificate-keeper.ts'
import { silentLogger } from '../../../../../core/logger.ts'
import { type CertificateName, certificateOf, putCertificate } from '../../../../support/certificates.ts'
import { ManualClock } from '../../../../support/manual-clock.ts'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'
import { until } from '../../../../support/until.ts'

describe('a certificate that is renewed while the node runs', () => {
  const folder = temporaryFolder()
  const files = () => ({ cert: folder.path('live', 'tls.crt'), key: folder.path('live', 'tls.key') })
  let clock: ManualClock
  let keeper: CertificateKeeper
  let taken: string[]
  let warnings: string[]

  /** A folder of its own for each pair, and a link that says which is in force: as renewing tools keep them. */
  async function issue(name: CertificateName): Promise<void> {
    const place = folder.path(name)
    await mkdir(place, { recursive: true })
    await putCertificate({ cert: folder.path(name, 'tls.crt'), key: folder.path(name, 'tls.key') }, name)
    await symlink(place, folder.path('next'))
    await rename(folder.path('next'), folder.path('live'))
  }

  beforeEach(async () => {
    clock = new ManualClock()
    taken = []
    warnings = []
    await issue('one')
    const log = { ...silentLogger, warn: (_: object, message: string) => void warnings.push(message) }
    const take = async ({ cert }: { cert: string }): Promise<void> => void taken.push(cert)
    keeper = new CertificateKeeper({ take, clock, log }, files(), await readCertificate(files()))
    await keeper.start()
  })
  afterEach(async () => {
    await keeper.stop()
    assert.equal(clock.pending, 0)
  })

  const look = async (): Promise<void> => {
    clock.advance(10_000)
    await until('the files were looked at', () => clock.pending === 1)
  }

  it('is taken when its tool puts another link in its place', async () => {
    await issue('two')
    await look()
    assert.deepEqual(taken, [certificateOf('two').cert])
    await look()
    assert.equal(taken.length, 1)
  })

  it('stays as it was while the new one is half written, which is told once, and is taken when that is whole', async () => {
    await writeFile(files().cert, certificateOf('two').cert)
    await look()
    await look()
    assert.deepEqual(taken, [])
    assert.equal(warnings.length, 1)
    assert.match(warnings[0] ?? '', /is not the key of .*; the certificate that the gateway has stays in force/)
    await writeFile(files().key, certificateOf('two').key)
    await look()
    assert.deepEqual(taken, [certificateOf('two').cert])
  })

  it('is read at once when the operator says so, who hears what is wrong', async () => {
    await issue('two')
    await keeper.reload()
    assert.equal(taken.length, 1)
    await writeFile(files().cert, '')
    await assert.rejects(keeper.reload(), { code: 'KEY_FILE_BAD' })
    assert.equal(taken.length, 1)
  })

  it('warns of one that ends soon', async () => {
    await keeper.stop()
    clock = new ManualClock(Date.parse('2126-10-01'))
    const read = { ...(await readCertificate(files())), expiresMs: Date.parse('2126-10-03') }
    const log = { ...silentLogger, warn: (_: object, message: string) => void warnings.push(message) }
    keeper = new CertificateKeeper({ take: async () => {}, clock, log }, files(), read)
    await keeper.start()
    assert.match(warnings.join(), /ends on 2126-10-03/)
  })
})
