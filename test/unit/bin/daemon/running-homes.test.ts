import assert from 'node:assert/strict'
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import {
  noteRunningHome,
  runningHomes,
  withPortHolder,
  withRunningHomes,
} from '../../../../bin/daemon/running-homes.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { type HomeFolder, homeFolder, prepareHome } from '../../../../home/home-folder.ts'
import { type HomeLock, lockHome } from '../../../../home/home-lock.ts'
import { daemonNotRunning, writeRuntimeFile } from '../../../../home/runtime-file.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

describe('notes of running homes', () => {
  const folder = temporaryFolder()
  let env: Record<string, string>
  let home: HomeFolder
  let lock: HomeLock
  let takeBack: () => Promise<void>

  beforeEach(async () => {
    env = { XDG_RUNTIME_DIR: folder.path('run') }
    home = homeFolder(folder.path('one'), {})
    await prepareHome(home)
    lock = await lockHome(home)
    await writeRuntimeFile(home, { pid: process.pid, http: 'http://127.0.0.1:5077', peerId: 'p', startedAt: 1 })
    takeBack = await noteRunningHome(home, env)
  })

  afterEach(async () => {
    await takeBack()
    await lock.release()
  })

  it('name the home whose node lives, as long as it lives', async () => {
    const [found] = await runningHomes(env)
    assert.deepEqual([found?.folder, found?.http], [folder.path('one'), 'http://127.0.0.1:5077'])
    assert.match(found?.flag ?? '', /^ --home /)
    await takeBack()
    assert.deepEqual(await runningHomes(env), [])
  })

  it('are removed when their node was killed', async () => {
    await lock.release()
    assert.deepEqual(await runningHomes(env), [])
    assert.deepEqual(await readdir(folder.path('run/realmesh')), [])
  })

  it('help a command that looked into the wrong home', async () => {
    const told = await withRunningHomes(daemonNotRunning(homeFolder(folder.path('two'), {})), env)
    assert.match(told.fix ?? '', /^a node runs with --home \S*one; start one with: realmesh up/)
  })

  it('tell which node has the port', async () => {
    const busy = new RealmeshError('PORT_IN_USE', 'another program listens on 127.0.0.1:5077', { fix: 'stop it' })
    const told = await withPortHolder(busy, 5_077, env)
    assert.ok(told instanceof RealmeshError)
    assert.deepEqual([told.code, told.fix], ['PORT_IN_USE', 'stop it'])
    assert.match(told.message, /^a realmesh node \(home \S*one\) listens on/)
    assert.equal(await withPortHolder(busy, 5_078, env), busy)
  })

  it('are not believed in a folder that others may write to, nor when they are no notes', async () => {
    await writeFile(folder.path('run/realmesh/7.json'), '{"configFolder": 1}')
    assert.equal((await runningHomes(env)).length, 1)
    await chmod(folder.path('run/realmesh'), 0o777)
    assert.deepEqual(await runningHomes(env), [])
  })

  it('cost nothing where they cannot be left', async () => {
    await mkdir(folder.path('file'), { recursive: true })
    await writeFile(folder.path('file/realmesh'), '')
    await (await noteRunningHome(home, { XDG_RUNTIME_DIR: folder.path('file') }))()
    assert.deepEqual(await runningHomes({ XDG_RUNTIME_DIR: folder.path('nowhere') }), [])
  })
})
