import assert from 'node:assert/strict'
import { fileSchema } from '../../../../config/schema/file-schema.ts'
import { workerSchema } from '../../../../config/schema/worker-schema.ts'
import { silentLogger } from '../../../../core/logger.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import type { NodeControl } from '../../../../node/api/node-control.ts'
import { DrainSwitch } from '../../../../node/control/drain-switch.ts'
import { LiveConfig } from '../../../../node/control/live-config.ts'
import { operatorControl } from '../../../../node/control/operator-control.ts'
import { PauseKeeper } from '../../../../node/control/pause-keeper.ts'
import { MAX_LISTED_QUERIES } from '../../../../node/control/user-control.ts'
import { HouseUsers } from '../../../../node/users/house-users.ts'
import { RunningQueries } from '../../../../node/users/running-queries.ts'
import { UserHandles } from '../../../../node/users/user-handles.ts'
import type { UserData } from '../../../../storage/user-data.ts'
import type { WorkerPool } from '../../../../workers/pool/worker-pool.ts'
import { fakeControl } from '../../../support/fake-control.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatQuery } from '../../../support/query.ts'
import { RosterBench, rosterConfig } from '../../../support/roster-bench.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { finishedQuery, userDataIn } from '../../../support/user-data.ts'

const desk = workerSchema.parse({ name: 'desk', engine: 'ollama', url: 'http://127.0.0.1:1' })

describe('operatorControl', () => {
  const folder = temporaryFolder()
  let data: UserData
  let bench: RosterBench
  let pool: WorkerPool
  let live: LiveConfig
  let control: NodeControl
  let forgotten: string[]
  let running: RunningQueries
  const handles = new UserHandles(Buffer.alloc(32, 7))

  beforeEach(async () => {
    data = userDataIn(folder.path('users'))
    await data.start()
    const file = { workers: [desk], node: { builtin: false } }
    const config = rosterConfig(file)
    bench = new RosterBench(config)
    bench.found = [{ kind: 'vllm', url: 'http://127.0.0.1:2' }]
    pool = bench.pool
    const { roster } = bench
    live = new LiveConfig(
      { apply: (next) => roster.apply(next), checkWorkers: (workers) => roster.check(workers) },
      { config, values: fileSchema.parse(file) },
    )
    await roster.start()
    forgotten = []
    running = new RunningQueries()
    const pauses = new PauseKeeper(
      { pool, clock: new ManualClock(), log: silentLogger },
      { file: folder.path('pause.json') },
    )
    control = operatorControl(
      {
        live,
        roster,
        realms: { list: () => [] },
        pauses,
        data,
        running,
        users: new HouseUsers(
          { data, running, handles, caughtUp: async () => {} },
          { prices: { perQuery: 0.01, perSecond: 0.001 } },
        ),
        accounting: { forget: (user) => void forgotten.push(user) },
        responses: { forgetUser: (user) => void forgotten.push(`responses of ${user}`) },
        batches: { forgetUser: (user) => void forgotten.push(`batches of ${user}`) },
        invitations: fakeControl().invitations,
        doctor: fakeControl().doctor,
        pairings: fakeControl().pairings,
        clock: new ManualClock(),
        drains: new DrainSwitch({ onChange: () => {} }),
        swarm: { peers: () => [], federationOf: () => undefined, pardon: () => {} },
      },
      { shardsFolder: folder.path('users') },
    )
  })

  afterEach(async () => {
    await bench.roster.stop()
    await data.stop()
  })

  const configured = (): readonly string[] => live.config.workers.map(({ name }) => name)

  it('pauses for a while, for ever, and resumes', async () => {
    await control.pause(5_000)
    assert.equal(pool.pausedMs, 5_000)
    await control.pause()
    assert.equal(pool.pausedMs, Number.POSITIVE_INFINITY)
    await control.resume()
    assert.equal(pool.pausedMs, 0)
  })

  it('adds a worker under a new name only', async () => {
    await assert.rejects(control.workers.add(desk), { code: 'CONFIG_INVALID', message: /named desk already/ })
    await assert.rejects(control.workers.add({ ...desk, name: 'vllm-2' }), { code: 'CONFIG_INVALID' })
    await control.workers.add({ ...desk, name: 'lamp' })
    assert.deepEqual(configured(), ['desk', 'lamp'])
  })

  const wrong: readonly (readonly [what: string, act: (control: NodeControl) => Promise<unknown>, param: string])[] = [
    ['a worker of no kind', ({ workers }) => workers.add({ ...desk, engine: 'olama' }), 'worker.engine'],
    ['a worker whose name is a path', ({ workers }) => workers.add({ ...desk, name: '../desk' }), 'worker.name'],
    ['a worker that is none', ({ workers }) => workers.add(undefined), 'worker'],
    ['a change of what a worker has not', ({ workers }) => workers.change({ ...desk, slot: 1 }), 'worker'],
    ['a realm without its $', ({ realms }) => realms.set('chat', { primary_query_type: 'chat' }), 'name'],
    [
      'a realm of no type',
      ({ realms }) => realms.set('$CHAT', { primary_query_type: 'chats' }),
      'realm.primary_query_type',
    ],
    ['a shard whose name is a path', ({ shards }) => shards.add({ name: 'a/b', connectionString: 'level:x' }), 'name'],
  ]
  for (const [what, act, param] of wrong) {
    it(`refuses ${what} and names ${param}`, async () => {
      const before = live.config
      await assert.rejects(act(control), { code: 'BAD_REQUEST', param })
      assert.equal(live.config, before)
    })
  }

  it('fills in what a new worker and a new realm leave out', async () => {
    await control.workers.add({ name: 'lamp', engine: 'ollama', url: 'http://127.0.0.1:2' })
    assert.equal(live.config.workers.find(({ name }) => name === 'lamp')?.weight, 1)
    await control.realms.set('$EXTRA', { primary_query_type: 'embed' })
    assert.equal(live.config.realms.find(({ name }) => name === '$EXTRA')?.queue.maxLength, 512)
  })

  it('changes a worker that is there only, in its place', async () => {
    await control.workers.add({ ...desk, name: 'lamp' })
    await control.workers.change({ ...desk, slots: 3 })
    assert.deepEqual(
      live.config.workers.map(({ name, slots }) => [name, slots]),
      [
        ['desk', 3],
        ['lamp', undefined],
      ],
    )
    await assert.rejects(control.workers.change({ ...desk, name: 'dsk' }), { code: 'BAD_REQUEST', message: /dsk/ })
  })

  it('drains a worker and takes that back', async () => {
    control.workers.drain('desk')
    assert.equal(pool.get('desk')?.draining, true)
    control.workers.undrain('desk')
    assert.equal(pool.get('desk')?.draining, false)
    assert.throws(() => control.workers.drain('dsk'), { code: 'BAD_REQUEST', fix: /desk/ })
  })

  it('removes a worker for good, be it found or configured, though its engine is found at each look', async () => {
    bench.found = [...bench.found, { kind: 'ollama', url: desk.url ?? '' }]
    await bench.look()
    await control.workers.remove('vllm-2')
    await control.workers.remove('desk')
    await bench.look()
    assert.deepEqual([configured(), bench.names], [[], []])
    assert.deepEqual(
      control.workers.list().map(({ name, reason }) => [name, reason?.split(':')[0]]),
      [
        ['vllm-2', 'taken out by the owner'],
        ['desk', 'taken out by the owner'],
      ],
    )
    await assert.rejects(control.workers.remove('dsk'), { code: 'BAD_REQUEST' })
  })

  it('adds a worker anew under the name that it had when it was taken out', async () => {
    bench.found = [...bench.found, { kind: 'ollama', url: desk.url ?? '' }]
    await bench.look()
    await control.workers.remove('desk')
    await control.workers.add(desk)
    assert.deepEqual([configured(), bench.names], [['desk'], ['vllm-2', 'desk']])
    await assert.rejects(control.workers.add(desk), { code: 'CONFIG_INVALID', message: /already/ })
  })

  it('gives an engine that was found the rules of the owner, under its own name too', async () => {
    await control.workers.change({ name: 'vllm-2', engine: 'vllm', url: 'http://127.0.0.1:2', scope: 'local' })
    assert.deepEqual(bench.names, ['desk', 'vllm-2'])
    assert.equal(pool.get('vllm-2')?.scope, 'local')
    assert.deepEqual(
      bench.open.map(({ spec }) => spec.kind),
      ['ollama', 'vllm'],
    )
  })

  it('takes a worker that it removes out of its pools too', async () => {
    const realms = { $CHAT: { primary_query_type: 'chat' as const, pools: { fast: { members: ['desk'] } } } }
    await live.change((values) => ({ ...values, realms }))
    await control.workers.remove('desk')
    assert.deepEqual(control.pools.list(), [{ realm: '$CHAT', name: 'fast', members: [], strategy: 'health' }])
  })

  it('does not keep an engine out when its worker could not be removed', async () => {
    bench.roster.apply = async () => {
      throw new RealmeshError('CONFIG_INVALID', 'not now')
    }
    await assert.rejects(control.workers.remove('desk'), { code: 'CONFIG_INVALID', message: 'not now' })
    await bench.look()
    assert.ok(bench.names.includes('desk'))
  })

  it('removes a worker that cannot be used', async () => {
    const lamp = { ...desk, name: 'lamp', key_env: 'NO_SUCH_VARIABLE_OF_REALMESH' }
    await assert.rejects(control.workers.add(lamp), { code: 'CONFIG_INVALID', message: /NO_SUCH_VARIABLE/ })
    await live.replace(rosterConfig({ workers: [lamp] }))
    assert.ok(control.workers.list().some(({ name, healthy }) => name === 'lamp' && !healthy))
    await control.workers.remove('lamp')
    assert.ok(!control.workers.list().some(({ name }) => name === 'lamp'))
  })

  it('removes a realm that is there only', async () => {
    await assert.rejects(control.realms.remove('$NONE'), { code: 'REALM_NOT_FOUND', fix: /\$CHAT/ })
    await control.realms.remove('$IMAGINE')
    assert.ok(!live.config.realms.some(({ name }) => name === '$IMAGINE'))
  })

  const badPlaces: readonly (readonly [what: string, name: string, at: string])[] = [
    ['a folder that is another shard', 'shard9', 'level:shard1'],
    ['another folder for a shard that is there', 'shard1', 'level:elsewhere'],
    ['a relative path out of the home', 'shard9', 'level:../../elsewhere'],
    ['a place that is none', 'shard9', 'mysql://localhost'],
  ]
  for (const [what, name, connectionString] of badPlaces) {
    it(`refuses ${what}, and the plan stays as it was`, async () => {
      const before = data.shards.specs()
      await assert.rejects(control.shards.add({ name, connectionString }), { code: 'CONFIG_INVALID' })
      assert.deepEqual(data.shards.specs(), before)
    })
  }

  it('adds a shard, drains one, and all users are whole', async () => {
    const guids = Array.from({ length: 40 }, (_, i) => `guid-${i}`)
    await Promise.all(guids.map((guid) => data.user(guid)))
    await control.shards.add({ name: 'shard5', connectionString: 'level:shard5' })
    await data.shards.settled()
    await control.shards.drain('shard1')
    await data.shards.settled()
    const checks = await control.shards.verify()
    assert.deepEqual(
      checks.flatMap(({ findings }) => findings),
      [],
    )
    assert.equal(
      checks.reduce((sum, { users }) => sum + users, 0),
      guids.length,
    )
    const states = new Map(control.shards.status().shards.map(({ name, state }) => [name, state]))
    assert.deepEqual([states.get('shard1'), states.get('shard5')], ['idle', 'serving'])
  })

  it('lists users with what they asked a moment ago', async () => {
    await data.user('guid-1', 'ada')
    void data.recordQuery('guid-1', finishedQuery('q-1'))
    const { users, total } = await control.users.list()
    assert.deepEqual(
      [total, users.map(({ guid, nickname, queryCount }) => [guid, nickname, queryCount])],
      [1, [['guid-1', 'ada', 1]]],
    )
  })

  it('takes handles for users, and tells them in its lists', async () => {
    await data.user('guid-1', 'ada')
    await data.recordQuery('guid-1', finishedQuery('q-1'))
    const [{ handle = '' } = {}] = (await control.users.list()).users
    assert.equal(handle, handles.of('guid-1'))
    assert.equal((await control.users.ban(handle)).banned, true)
    assert.equal((await control.users.unban(handle)).banned, false)
    assert.equal((await control.users.sysop(handle, true)).sysop, true)
    assert.equal((await control.users.credit(handle, { credits: 1 })).balance, 1 - 0.011)
    assert.deepEqual(await control.users.settings(handle, { history: false }), { history: false })
    assert.deepEqual(
      (await control.users.history(handle, { limit: 1 })).map(({ id }) => id),
      ['q-1'],
    )
    assert.equal((await control.users.export(handle)).account.nickname, 'ada')
    assert.ok((await control.users.erase(handle)).rowsRemoved > 0)
    await assert.rejects(control.users.ban(handle), { code: 'USER_NOT_FOUND' })
  })

  it('lists the queries that run, the oldest first and a bounded number, and ends them', () => {
    const ended: string[] = []
    for (let n = 0; n <= MAX_LISTED_QUERIES; n += 1) {
      const id = `q-${n}`
      const servedBy = n === 0 ? 'peer' : undefined
      const query = chatQuery({ id, user: 'guid-1' })
      running.add({ query, since: n, servedBy, end: ({ code }) => void ended.push(`${code} ${id}`) })
    }
    const listed = control.queries.list()
    const { type, realm, model } = chatQuery()
    const common = { user: handles.of('guid-1'), type, realm, model }
    assert.equal(listed.length, MAX_LISTED_QUERIES)
    assert.deepEqual(listed.slice(0, 2), [
      { id: 'q-0', ...common, since: 0, state: 'running', node: 'peer' },
      { id: 'q-1', ...common, since: 1, state: 'waiting' },
    ])
    assert.equal(control.queries.terminate({ id: 'q-1' }), 1)
    assert.deepEqual(ended, ['TERMINATED q-1'])
  })

  it('exports and erases a user, whose account is looked at again whose responses leave the memory, and whose batches end', async () => {
    await data.user('guid-1', 'ada')
    await data.recordQuery('guid-1', finishedQuery('q-1'))
    assert.equal((await control.users.export('guid-1')).queries[0]?.id, 'q-1')
    assert.deepEqual(await control.users.settings('guid-1', { history: false }), { history: false })
    assert.equal((await data.user('guid-1')).history, false)
    const { rowsRemoved, notLookedAt } = await control.users.erase('guid-1')
    assert.ok(rowsRemoved > 0)
    assert.deepEqual(notLookedAt, [])
    assert.deepEqual(forgotten, ['guid-1', 'responses of guid-1', 'batches of guid-1', 'guid-1'])
    await assert.rejects(control.users.export('guid-1'), { code: 'USER_NOT_FOUND' })
    await assert.rejects(control.users.settings('guid-1', { history: true }), { code: 'USER_NOT_FOUND' })
  })
})
