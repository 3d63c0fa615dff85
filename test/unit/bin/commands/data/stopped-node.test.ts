import assert from 'node:assert/strict'
import { readdir, writeFile } from 'node:fs/promises'
import { type HomeFolder, homeFolder, prepareHome } from '../../../../../home/home-folder.ts'
import { lockHome } from '../../../../../home/home-lock.ts'
import { type CommandResult, runCommand } from '../../../../support/command-context.ts'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'
import { finishedQuery, userDataIn } from '../../../../support/user-data.ts'

describe('commands for a stopped node', () => {
  const folder = temporaryFolder()
  let home: HomeFolder

  /** A home with three users, one query each, and a backup of it in `backup`. */
  beforeEach(async () => {
    home = homeFolder(folder.path('h'), {})
    await prepareHome(home)
    await writeFile(home.configFile, 'user_data:\n  reserve: 0\n')
    const data = userDataIn(home.shardsFolder)
    await data.start()
    for (const guid of ['a', 'b', 'c']) {
      await data.user(guid)
      await data.recordQuery(guid, finishedQuery(`q-${guid}`))
    }
    await data.backup(folder.path('backup'))
    await data.erase('b')
    await data.stop()
  })

  const run = (...argv: string[]): Promise<CommandResult> => runCommand([...argv, '--home', folder.path('h')])

  it('restore what was backed up, and keep what was there before', async () => {
    const { err, out, status } = await run('restore', folder.path('backup'), '--json')
    assert.equal(status, 0, err)
    assert.deepEqual((await readdir(JSON.parse(out).replaced)).includes('index'), true)
    const data = userDataIn(home.shardsFolder)
    await data.start()
    try {
      const ids = await Promise.all(['a', 'b', 'c'].map(async (guid) => (await data.queries(guid))[0]?.id))
      assert.deepEqual(ids, ['q-a', 'q-b', 'q-c'])
      assert.deepEqual(data.status().warnings, [])
    } finally {
      await data.stop()
    }
    assert.equal((await run('verify')).status, 0)
  })

  it('verify every store of the home', async () => {
    const { out, status } = await run('verify', '--json')
    const { shards } = JSON.parse(out)
    assert.deepEqual(shards.map(({ shard }: { shard: string }) => shard).sort(), [
      'index',
      'shard1',
      'shard2',
      'shard3',
      'shard4',
    ])
    assert.equal(
      shards.reduce((sum: number, { users }: { users: number }) => sum + users, 0),
      2,
    )
    assert.equal(status, 0)
  })

  it('verify a backup, and name what is wrong with one', async () => {
    const whole = await run('verify', folder.path('backup'))
    assert.match(whole.out, /shard1 +\d+ +whole/)
    const none = await run('verify', folder.path('h'))
    assert.match(none.err, /there is no backup in the folder .*h \[BACKUP_INVALID\]/)
    assert.deepEqual([whole.status, none.status], [0, 1])
  })

  it('refuse while a daemon runs, and touch nothing', async () => {
    const lock = await lockHome(home, { pid: process.ppid })
    try {
      for (const argv of [['verify'], ['restore', folder.path('backup')]]) {
        const { err, status } = await run(...argv)
        assert.match(err, new RegExp(`\\(pid ${process.ppid}\\).*\\[HOME_LOCKED\\]`))
        assert.equal(status, 5)
      }
    } finally {
      await lock.release()
    }
    assert.ok((await readdir(home.shardsFolder)).every((name) => !name.startsWith('replaced')))
  })

  it('do not make user data where there is none', async () => {
    const other = homeFolder(folder.path('other'), {})
    const { err, status } = await runCommand(['verify', '--home', folder.path('other')])
    assert.match(err, /there is no user data in .* \[USAGE\]/)
    assert.equal(status, 2)
    assert.deepEqual(await readdir(other.shardsFolder), [])
  })
})
