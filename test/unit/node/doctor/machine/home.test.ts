import assert from 'node:assert/strict'
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { loadOrCreateAdminToken } from '../../../../../home/admin-token.ts'
import { homeFolder, prepareHome } from '../../../../../home/home-folder.ts'
import { loadIdentity } from '../../../../../home/key-file.ts'
import { judgeHome, nearestFolder, readHome } from '../../../../../node/doctor/machine/home.ts'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'

describe('the home, as the doctor sees it', () => {
  const folder = temporaryFolder()
  const home = () => homeFolder(folder.path('home'), {})

  async function codes(running = false): Promise<readonly string[]> {
    return judgeHome(await readHome(home()), running).map(({ code }) => code)
  }

  it('is new before the first start, and nothing is made by looking', async () => {
    assert.deepEqual(await codes(), ['home.new'])
    assert.equal(await nearestFolder(home().dataFolder), folder.path('.').replace(/\/\.?$/, ''))
  })

  it('is well with its keys', async () => {
    await prepareHome(home())
    await loadIdentity(home())
    await loadOrCreateAdminToken(home())
    assert.deepEqual(await codes(true), ['home.ok'])
  })

  it('tells each key file that others may read, and each that holds no key', async () => {
    await prepareHome(home())
    await loadIdentity(home())
    await chmod(home().identityKey, 0o644)
    await writeFile(home().federationKey, 'no key', { mode: 0o600 })
    await writeFile(home().adminToken, 'no token\n', { mode: 0o600 })
    assert.deepEqual(await codes(), ['home.key-lax', 'home.key-bad', 'home.key-bad'])
  })

  it('is gone when the keys of a running node are', async () => {
    await prepareHome(home())
    assert.deepEqual(await codes(true), ['home.gone'])
  })

  it('cannot be used where a file is in the way', async () => {
    await mkdir(folder.path('home'), { recursive: true })
    await rm(home().dataFolder, { recursive: true, force: true })
    await writeFile(home().dataFolder, 'a file')
    assert.ok((await codes()).includes('home.unwritable'))
  })
})
