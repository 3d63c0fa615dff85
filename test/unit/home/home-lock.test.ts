import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { lockHome } from '../../../home/home-lock.ts'
import { processBirth } from '../../../home/process-birth.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

describe('lockHome', () => {
  const folder = temporaryFolder()
  const home = (): { lockFolder: string; configFolder: string } => ({
    lockFolder: folder.path('lock'),
    configFolder: folder.path(),
  })
  /** Processes that live, by pid; their word of birth is made up. */
  const living = new Map<number, string>()
  const birthOf = async (pid: number): Promise<string | undefined> => living.get(pid)
  const as = (pid: number): { pid: number; birthOf: typeof birthOf } => ({ pid, birthOf })

  beforeEach(async () => {
    living.clear()
    await mkdir(home().lockFolder)
  })

  it("lets one daemon in and tells the other the first one's pid", async () => {
    living.set(11, 'b1').set(22, 'b2')
    await lockHome(home(), as(11))
    await assert.rejects(lockHome(home(), as(22)), { code: 'HOME_LOCKED', message: /pid 11\b/ })
    assert.deepEqual(await readdir(home().lockFolder), ['11.b1'])
  })

  it('lets the next one in after release', async () => {
    living.set(11, 'b1').set(22, 'b2')
    const lock = await lockHome(home(), as(11))
    await lock.release()
    await lock.release()
    await lockHome(home(), as(22))
    assert.deepEqual(await readdir(home().lockFolder), ['22.b2'])
  })

  it('takes over from a daemon that died, and clears its claim away', async () => {
    living.set(11, 'b1').set(22, 'b2')
    await lockHome(home(), as(11))
    living.delete(11)
    await lockHome(home(), as(22))
    assert.deepEqual(await readdir(home().lockFolder), ['22.b2'])
  })

  it('is not deceived by a process that got the pid of a dead daemon', async () => {
    living.set(11, 'b1').set(22, 'b2')
    await lockHome(home(), as(11))
    living.set(11, 'somebody-else')
    await lockHome(home(), as(22))
  })

  it('takes its own pid back after a reboot', async () => {
    living.set(11, 'before')
    await lockHome(home(), as(11))
    living.set(11, 'after')
    await lockHome(home(), as(11))
    assert.deepEqual(await readdir(home().lockFolder), ['11.after'])
  })

  it('never lets two in when many start in the same instant', async () => {
    const pids = Array.from({ length: 8 }, (_, i) => 100 + i)
    for (const pid of pids) living.set(pid, `b${pid}`)
    const results = await Promise.allSettled(pids.map((pid) => lockHome(home(), as(pid))))
    const inside = results.filter((result) => result.status === 'fulfilled')
    assert.ok(inside.length <= 1, `${inside.length} are inside`)
    assert.equal((await readdir(home().lockFolder)).length, inside.length)
  })

  it('leaves files alone that are not claims', async () => {
    living.set(11, 'b1')
    await writeFile(folder.path('lock', 'README'), '')
    await lockHome(home(), as(11))
    assert.deepEqual((await readdir(home().lockFolder)).sort(), ['11.b1', 'README'])
  })
})

describe('processBirth', () => {
  it('is the same word every time for one process, and another for another', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] })
    await once(child, 'spawn')
    const own = await processBirth(process.pid)
    assert.ok(own !== undefined && /^[A-Za-z0-9-]{1,64}$/.test(own))
    assert.equal(await processBirth(process.pid), own)
    if (process.platform === 'linux') assert.notEqual(await processBirth(child.pid ?? 0), own)
    child.kill('SIGKILL')
    await once(child, 'exit')
    assert.equal(await processBirth(child.pid ?? 0), undefined)
  })
})
