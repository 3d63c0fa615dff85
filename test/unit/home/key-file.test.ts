import assert from 'node:assert/strict'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { generateKeyPair, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { federationIdOf, loadFederationKey, peekFederationKey } from '../../../home/federation-key.ts'
import { loadIdentity } from '../../../home/key-file.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

describe('key files', () => {
  const folder = temporaryFolder()
  const home = (): { identityKey: string; federationKey: string } => ({
    identityKey: folder.path('identity.key'),
    federationKey: folder.path('federation.key'),
  })

  it('makes an identity once, keeps it, and lets only its owner read it', async () => {
    const first = await loadIdentity(home())
    const second = await loadIdentity(home())
    assert.ok(first.equals(second))
    assert.equal((await stat(home().identityKey)).mode & 0o777, 0o600)
  })

  for (const mode of [0o644, 0o640, 0o660, 0o602, 0o601]) {
    it(`refuses a key with mode 0${mode.toString(8)} and says how to close it`, async () => {
      await loadIdentity(home())
      await chmod(home().identityKey, mode)
      await assert.rejects(loadIdentity(home()), {
        code: 'KEY_FILE_LAX',
        fix: `chmod 600 ${home().identityKey}`,
        message: new RegExp(`mode 0${mode.toString(8)}`),
      })
    })
  }

  for (const [what, content] of Object.entries({
    'an empty file': '',
    text: 'not a key',
    'a part of a key': Buffer.from('0801124032', 'hex'),
    'a large file': Buffer.alloc(100_000),
  })) {
    it(`refuses ${what}, and leaves it as it is`, async () => {
      await writeFile(home().identityKey, content, { mode: 0o600 })
      await assert.rejects(loadIdentity(home()), { code: 'KEY_FILE_BAD' })
      assert.deepEqual(await readFile(home().identityKey), Buffer.from(content))
    })
  }

  it('refuses a key of another type', async () => {
    const other = await generateKeyPair('secp256k1')
    await writeFile(home().identityKey, privateKeyToProtobuf(other), { mode: 0o600 })
    await assert.rejects(loadIdentity(home()), { code: 'KEY_FILE_BAD' })
  })

  it('founds a federation at the first start', async () => {
    assert.equal(await peekFederationKey(home(), undefined), undefined)
    const made = await loadFederationKey(home(), undefined)
    const seen = await peekFederationKey(home(), undefined)
    assert.ok(seen !== undefined && made.equals(seen))
  })

  it('never founds a federation at a path that was mistyped', async () => {
    await assert.rejects(loadFederationKey(home(), folder.path('no.key')), { code: 'KEY_FILE_BAD' })
    await assert.rejects(stat(folder.path('no.key')), { code: 'ENOENT' })
  })

  it('names a federation by its key: the same on every member', async () => {
    const key = await loadFederationKey(home(), undefined)
    assert.match(federationIdOf(key.publicKey), /^federation_[0-9a-f]{8}$/)
    const member = await loadFederationKey({ federationKey: folder.path('unused') }, home().federationKey)
    assert.equal(federationIdOf(member.publicKey), federationIdOf(key.publicKey))
  })
})
