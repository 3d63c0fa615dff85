import assert from 'node:assert/strict'
import { chmod, stat, symlink, writeFile } from 'node:fs/promises'
import { homeFlag, homeFolder, prepareHome } from '../../../home/home-folder.ts'
import { skip } from '../../support/skip.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

describe('homeFolder', () => {
  it('follows the XDG variables when they are absolute', () => {
    const env = { HOME: '/h', XDG_CONFIG_HOME: '/c', XDG_DATA_HOME: '/d', XDG_STATE_HOME: 'relative' }
    const home = homeFolder(undefined, env)
    assert.equal(home.configFile, '/c/realmesh/realms.yml')
    assert.equal(home.identityKey, '/d/realmesh/identity.key')
    assert.equal(home.runtimeFile, '/h/.local/state/realmesh/daemon.json')
  })

  it('refuses an empty HOME, which would mean the current folder, unless it is not needed', () => {
    const xdg = { XDG_CONFIG_HOME: '/c', XDG_DATA_HOME: '/d', XDG_STATE_HOME: '/s' }
    assert.throws(() => homeFolder(undefined, { HOME: '' }), { code: 'HOME_UNUSABLE', message: 'HOME is empty' })
    assert.throws(() => homeFolder(undefined, { HOME: 'me', XDG_CONFIG_HOME: '/c' }), { code: 'HOME_UNUSABLE' })
    assert.equal(homeFolder(undefined, { HOME: '', ...xdg }).configFolder, '/c/realmesh')
    assert.equal(homeFolder('/one', { HOME: '' }).configFolder, '/one')
  })

  it('refuses an empty --home: the variable in its place was not set', () => {
    assert.throws(() => homeFolder('', { HOME: '/h' }), { code: 'USAGE', message: '--home is empty' })
  })

  it('puts everything below one folder with --home, which wins over the variable', () => {
    const home = homeFolder('/one', { HOME: '/h', REALMESH_HOME: '/two' })
    assert.deepEqual(
      Object.values(home).filter((path) => path !== '/one' && !path.startsWith('/one/')),
      [],
    )
    assert.equal(homeFolder(undefined, { REALMESH_HOME: '/two' }).configFile, '/two/realms.yml')
  })
})

describe('prepareHome', () => {
  const folder = temporaryFolder()

  it('makes folders that only their owner may enter, and closes those that were open', async () => {
    const home = homeFolder(folder.path('h'), {})
    await prepareHome(home)
    await chmod(home.dataFolder, 0o755)
    await prepareHome(home)
    for (const path of [home.configFolder, home.dataFolder, home.stateFolder, home.shardsFolder]) {
      assert.equal((await stat(path)).mode & 0o777, 0o700, path)
    }
  })

  it('says which folder cannot be had', async () => {
    await writeFile(folder.path('file'), '')
    const home = homeFolder(folder.path('file', 'h'), {})
    await assert.rejects(prepareHome(home), { code: 'HOME_UNUSABLE', message: /a file is in the way/ })
    await symlink(folder.path('unplugged', 'disk'), folder.path('link'))
    const gone = homeFolder(folder.path('link'), {})
    await assert.rejects(prepareHome(gone), { code: 'HOME_UNUSABLE', message: /parent folder is missing/ })
  })

  it('says so at once where the system makes no folders', async function () {
    if (process.platform !== 'linux') skip(this, 'only Linux has such a /proc')
    const home = homeFolder('/proc/realmesh', {})
    await assert.rejects(prepareHome(home), { code: 'HOME_UNUSABLE', message: /parent folder .* cannot be written to/ })
  })
})

describe('homeFlag', () => {
  it('names a folder of its own as briefly as the shell understands, and the usual home not at all', () => {
    assert.equal(homeFlag(homeFolder('/nodes/one', {}), '/nodes'), ' --home one')
    assert.equal(homeFlag(homeFolder('/srv/one', {}), '/nodes'), ' --home /srv/one')
    assert.equal(homeFlag(homeFolder("/nodes/it's mine", {}), '/nodes'), ` --home 'it'\\''s mine'`)
    assert.equal(homeFlag(homeFolder(undefined, { HOME: '/h' }), '/nodes'), '')
  })
})
