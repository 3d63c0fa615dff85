import assert from 'node:assert/strict'
import { access, rm, writeFile } from 'node:fs/promises'
import { type LoadedConfig, loadConfig } from '../../../../config/file/load-config.ts'
import { rereadConfig } from '../../../../config/file/reread-config.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const WORKER = 'workers:\n  - name: desk\n    engine: ollama\n    url: http://127.0.0.1:11434\n'
const NARROW = `node:\n  scope: local\n  share: local\n${WORKER}`

describe('rereadConfig', () => {
  const folder = temporaryFolder()
  const file = (): string => folder.path('realms.yml')
  const input = () => ({ home: { configFile: file(), federationKey: folder.path('f.key') } })
  /** What was in force, and the file as it is afterwards. */
  const reread = async (before: string, after: string | undefined): Promise<LoadedConfig> => {
    await writeFile(file(), before)
    const loaded = await loadConfig({ ...input(), createFederationKey: true })
    if (after === undefined) await rm(file())
    else await writeFile(file(), after)
    return await rereadConfig(input(), loaded)
  }
  const refused = async (before: string, after: string | undefined): Promise<string> => {
    let message = ''
    await assert.rejects(reread(before, after), (error) => {
      assert.ok(error instanceof RealmeshError)
      message = `${error.code} ${error.message.replaceAll(file(), 'FILE')} / ${error.fix}`
      return true
    })
    return message
  }

  it('refuses a file that is gone, empty, only comments or half a word', async () => {
    assert.match(await refused(NARROW, undefined), /^CONFIG_UNREADABLE cannot read FILE: there is no such file/)
    assert.match(await refused(NARROW, ''), /^CONFIG_INVALID FILE holds no settings any more/)
    assert.match(await refused(NARROW, '# saving\n'), /^CONFIG_INVALID FILE holds no settings any more/)
    assert.match(await refused(NARROW, NARROW.slice(0, 12)), /^CONFIG_INVALID /)
    const cut = `node:\n  share: local\n${WORKER}  - name: attic\n    engine: ollama\n    url: http://192.168.1.9:11434\n`
    assert.match(await refused(cut, cut.slice(0, -3)), /^CONFIG_INVALID FILE ends in the middle of a line/)
  })

  it('refuses what widens only because a key is gone, and says how to mean it', async () => {
    assert.equal(
      await refused(NARROW, `node:\n  scope: local\n${WORKER}`),
      'CONFIG_INVALID FILE: node.share was local and is gone, which would make it home / write share: home if that is meant, local if it is not',
    )
    assert.match(await refused(NARROW, `node:\n  share: local\n${WORKER}`), /node\.scope was local and is gone/)
    const own = `node:\n  share: friends\n${WORKER}    scope: home\n`
    assert.match(await refused(own, `node:\n  share: friends\n${WORKER}`), /workers\.desk\.scope was home and is gone/)
  })

  it('refuses to go on without the key of the federation, and makes no other', async () => {
    await writeFile(file(), NARROW)
    const loaded = await loadConfig({ ...input(), createFederationKey: true })
    await rm(folder.path('f.key'))
    await assert.rejects(rereadConfig(input(), loaded), { code: 'KEY_FILE_BAD' })
    await assert.rejects(access(folder.path('f.key')))
  })

  it('takes what is said: a wider word, fewer workers, a key whose default is no wider', async () => {
    assert.equal((await reread(NARROW, NARROW.replace('share: local', 'share: friends'))).config.node.share, 'friends')
    assert.equal((await reread(NARROW, NARROW.replace(WORKER, ''))).config.workers.length, 0)
    assert.equal((await reread('node:\n  share: public\n', 'node:\n  mdns: false\n')).config.node.share, 'home')
  })

  it('takes a first file where there was none, and none where there was none', async () => {
    const loaded = await loadConfig({ ...input(), createFederationKey: true })
    assert.equal((await rereadConfig(input(), loaded)).path, undefined)
    await writeFile(file(), NARROW)
    assert.equal((await rereadConfig(input(), loaded)).config.node.share, 'local')
  })
})
