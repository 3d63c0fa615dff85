/** The operator's commands against a real gateway in front of a control that only remembers. */
import assert from 'node:assert/strict'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import type { Gateway } from '../../../../../gateway/gateway.ts'
import { adminTokenHash, loadOrCreateAdminToken } from '../../../../../home/admin-token.ts'
import { type HomeFolder, homeFolder, prepareHome } from '../../../../../home/home-folder.ts'
import { type HomeLock, lockHome } from '../../../../../home/home-lock.ts'
import { writeRuntimeFile } from '../../../../../home/runtime-file.ts'
import { type CommandResult, commandContext, runCommand } from '../../../../support/command-context.ts'
import { fakeControl } from '../../../../support/fake-control.ts'
import { startGateway } from '../../../../support/started-gateway.ts'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'

describe('commands of the operator', () => {
  const folder = temporaryFolder()
  let control: ReturnType<typeof fakeControl>
  let home: HomeFolder
  let gateway: Gateway
  let lock: HomeLock

  beforeEach(async () => {
    control = fakeControl()
    home = homeFolder(folder.path('h'), {})
    await prepareHome(home)
    lock = await lockHome(home)
    const started = await startGateway(
      { adminTokenHash: adminTokenHash(await loadOrCreateAdminToken(home)) },
      { control },
    )
    gateway = started.gateway
    await writeRuntimeFile(home, { pid: process.pid, http: gateway.url, peerId: 'p', startedAt: 1 })
  })

  afterEach(async () => {
    await gateway.stop()
    await lock.release()
  })

  const run = (line: string, input = ''): Promise<CommandResult> =>
    runCommand([...line.split(' '), '--home', folder.path('h')], commandContext({ input }))

  const acts: readonly (readonly [line: string, told: readonly unknown[], shown: RegExp])[] = [
    ['pause', ['pause', undefined], /until realmesh resume/],
    ['pause 2h', ['pause', 7_200_000], /for 2 h/],
    ['resume', ['resume'], /served again/],
    ['shards status', ['shards.status'], /^$/],
    ['shards add five', ['shards.add', { name: 'five', connectionString: 'level:five' }], /^$/],
    ['shards add six --at level:/mnt/six', ['shards.add', { name: 'six', connectionString: 'level:/mnt/six' }], /^$/],
    ['shards drain five', ['shards.drain', 'five'], /^$/],
    ['shards repair five', ['shards.repair', 'five'], /^$/],
    ['shards rebalance', ['shards.rebalance', undefined], /^$/],
    ['shards rebalance one two', ['shards.rebalance', ['one', 'two']], /^$/],
    ['shards verify', ['shards.verify'], /a +1 +1 +whole/],
    ['users list', ['users.list'], /local +this machine, without a key +- +2 +- +7 +not kept\nand 1 more/],
    ['users erase g --yes', ['users.erase', 'g'], /3 records removed/],
    ['users history g on', ['users.settings', 'g', { history: true }], /are kept/],
    ['users export g', ['users.export', 'g'], /"format":"realmesh-user\/\d+"/],
    ['users history g', ['users.history', 'g', { limit: 100 }], /nothing yet/],
    ['users ban g', ['users.ban', 'g'], /shut out/],
    ['users unban g', ['users.unban', 'g'], /may ask again/],
    ['users sysop g on', ['users.sysop', 'g', true], /is/],
    ['users credit g -2.5 --note oops', ['users.credit', 'g', { credits: -2.5, note: 'oops' }], /credits/],
    ['queries list', ['queries.list'], /nothing runs|QUERY/],
    ['queries end q-1', ['queries.terminate', { id: 'q-1' }], /ended/],
    ['queries end --user u.1', ['queries.terminate', { user: 'u.1' }], /ended/],
    ['drain', ['node.drain'], /no new query.*until the restart/],
    ['undrain', ['node.undrain'], /taken again/],
    ['realms list', ['config.get', 'realms'], /^$/],
    [
      'realms set $EMBED embed --set max_workers=2',
      ['realms.set', '$EMBED', { primary_query_type: 'embed', max_workers: 2 }, {}],
      /\$EMBED is set; written: \/home\/realms\.yml/,
    ],
    [
      'realms remove $EMBED --until-restart',
      ['realms.remove', '$EMBED', { lasts: 'until the restart' }],
      /\$EMBED is gone/,
    ],
    ['workers list', ['workers.list'], /no workers/],
    [
      'workers add desk ollama http://127.0.0.1:1 --set slots=2',
      ['workers.add', { name: 'desk', engine: 'ollama', url: 'http://127.0.0.1:1', slots: 2 }, {}],
      /desk works/,
    ],
    ['workers drain desk', ['workers.drain', 'desk'], /nothing new/],
    ['workers remove desk', ['workers.remove', 'desk', {}], /taken out/],
    ['workers test desk', ['workers.test', 'desk'], /tiny/],
    ['pools list', ['pools.list'], /no pools; realmesh pools set makes one/],
    [
      'pools set $CHAT fast desk --strategy random',
      ['pools.set', '$CHAT', 'fast', { members: ['desk'], strategy: 'random' }, {}],
      /has the pool fast/,
    ],
    ['pools join $CHAT fast lamp', ['pools.join', '$CHAT', 'fast', 'lamp', {}], /lamp is in fast/],
    ['engines look', ['engines.look'], /none/],
    ['peers block attic', ['peers.block', 'attic', {}], /attic is shut out; written/],
    ['peers unblock attic', ['peers.unblock', 'attic', {}], /may come back/],
    [
      'peers friend attic --until 2040-01-31',
      ['peers.friend', { peer: 'attic', until: '2040-01-31' }, { lasts: undefined }],
      /a friend/,
    ],
    ['peers unfriend f --federation', ['peers.unfriend', { federation: 'f' }, { lasts: undefined }], /no friend/],
    ['peers name abcd attic', ['peers.name', 'abcd', 'attic', {}], /called attic/],
    ['peers friends', ['peers.list'], /nobody/],
    ['backup /var/backups/x', ['backup', '/var/backups/x'], /7 records in 2 chunks/],
    ['pair attic', ['pairings.begin', 'attic', 'home'], /012 345\n.*must show the same digits/s],
    ['pair attic --friend', ['pairings.begin', 'attic', 'friend'], /asked attic/],
    ['pair attic --yes 012345', ['pairings.answer', 'attic', '012345'], /paired: attic/],
    ['pair attic --no', ['pairings.answer', 'attic', undefined], /not paired with attic/],
    ['invite revoke a1', ['invitations.revoke', 'a1'], /nobody joins by a1b2/],
    [
      'invite',
      ['invitations.create', { kind: 'home', hours: 24, uses: 1 }],
      /Good once, until 1970-01-01 00:00 UTC; realmesh invite (--home \S+ )?revoke a1 takes it back/,
    ],
  ]
  for (const [line, told, shown] of acts) {
    it(`"realmesh ${line}" does what it says`, async () => {
      const { out, err, status } = await run(line)
      assert.equal(status, 0, err)
      assert.deepEqual(control.told[0], told)
      assert.match(`${out}${err}`, shown)
    })

    it(`"realmesh ${line} --json" prints one line of JSON`, async () => {
      const { out, err } = await run(`${line} --json`)
      assert.deepEqual([typeof JSON.parse(out), out.trimEnd().includes('\n'), err], ['object', false, ''])
    })
  }

  const mistakes: readonly (readonly [line: string, cause: RegExp, fix: RegExp])[] = [
    ['pause 2x', /2x is not a duration/, /90s, 30m, 2h or 1d/],
    ['pause 0h', /0h is not a duration/, /2h/],
    ['users erase g', /cannot be undone/, /--yes/],
    ['users history g maybe', /expected on or off/, /users history/],
    ['queries end', /no query was named/, /--user/],
    ['invite --hours 0', /expected a number above 0/, /--hours 3/],
    ['workers add desk ollama http://x --set slots', /expected KEY=VALUE/, /slots=2/],
    ['users credit g much', /no number of credits/, /-2\.5/],
    ['users export -', /the GUID is empty/, /stdin/],
    ['shards add', /missing required argument/, /--help/],
  ]
  for (const [line, cause, fix] of mistakes) {
    it(`answers "realmesh ${line}" with a cause and a fix, and does nothing`, async () => {
      const { err, status } = await run(line)
      const [first = '', second = ''] = err.split('\n')
      assert.match(first, cause)
      assert.match(second, fix)
      assert.equal(status, 2)
      assert.deepEqual(control.told, [])
    })
  }

  it('read a GUID from stdin and take nothing off it but the line end', async () => {
    await run('users erase - --yes', ' a guid with blanks \n')
    await run('users export -', 'ünïcode\r\n')
    await run('users history - off', 'g')
    assert.deepEqual(control.told, [
      ['users.erase', ' a guid with blanks '],
      ['users.export', 'ünïcode'],
      ['users.settings', 'g', { history: false }],
    ])
  })

  it('export into a new file that its owner alone may read, and never over another', async () => {
    const file = folder.path('export.json')
    assert.equal((await run(`users export g --out ${file}`)).status, 0)
    assert.equal(JSON.parse(await readFile(file, 'utf8')).account.guid, 'g')
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    const { err, status } = await run(`users export g --out ${file}`)
    assert.match(err, /is there already \[USAGE\]/)
    assert.equal(status, 2)
  })

  it('refuse a token that others may read, and never print it', async () => {
    const token = await readFile(home.adminToken, 'utf8')
    await chmod(home.adminToken, 0o644)
    const { out, err, status } = await run('resume')
    assert.match(err, /\[KEY_FILE_LAX\]\n {2}fix: .*chmod 600/)
    assert.equal(status, 5)
    assert.ok(!`${out}${err}`.includes(token.trim()))
    assert.deepEqual(control.told, [])
  })

  it('tell that the token is not the one of the daemon', async () => {
    await writeFile(home.adminToken, `${'x'.repeat(43)}\n`, { mode: 0o600 })
    const { err, status } = await run('resume')
    assert.match(err, /\[UNAUTHORIZED\]/)
    assert.equal(status, 1)
    assert.deepEqual(control.told, [])
  })

  it('do not send the token to whoever listens where a killed daemon did', async () => {
    await lock.release()
    const { err, status } = await run('resume')
    assert.match(err, /\[DAEMON_NOT_RUNNING\]/)
    assert.equal(status, 3)
    assert.deepEqual(control.told, [])
  })
})
