import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import type { RouteReceipt } from '../../../core/query/receipt.ts'
import { type ErrorCode, RealmeshError } from '../../../core/realmesh-error.ts'
import type { QueryRequest } from '../../../node/api/node-api.ts'
import type { NodeControl } from '../../../node/api/node-control.ts'
import { DrainSwitch } from '../../../node/control/drain-switch.ts'
import { QueriesById } from '../../../node/query/queries-by-id.ts'
import type { Realm } from '../../../node/realm/realm.ts'
import { RealmeshNode, type RealmeshNodeComponents } from '../../../node/realmesh-node.ts'
import type { RouteOptions } from '../../../node/route/route-journal.ts'
import { RunningQueries } from '../../../node/users/running-queries.ts'
import { collect, textOf } from '../../support/collect.ts'
import { defaultConfig } from '../../support/default-config.ts'
import { FakeFederation } from '../../support/fake-federation.ts'
import { FakeResponses } from '../../support/fake-node.ts'
import { FakeUsers } from '../../support/fake-users.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { MemoryUsers } from '../../support/memory-records.ts'
import { silentQueryLog } from '../../support/query-log.ts'

const signal = new AbortController().signal
const ASK: QueryRequest = { type: 'chat', model: 'tiny', user: 'alice', body: { messages: [] } }
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A node whose queries are answered by `me` or `other`, or fail, once the test lets them. */
function node({
  at = 'me',
  fails,
  gate = Promise.resolve(),
}: {
  at?: string
  fails?: ErrorCode
  gate?: Promise<void>
} = {}) {
  const clock = new ManualClock()
  const drains = new DrainSwitch({ onChange: () => {} })
  const users = new MemoryUsers()
  const house = new FakeUsers()
  const running = new RunningQueries()
  const told: string[] = []
  let runs = 0
  const routedTo: RouteOptions['realms'][] = []
  let counted: Parameters<RealmeshNodeComponents['describe']['status']>[0] | undefined
  const config = defaultConfig().realms[0] ?? assert.fail()
  const ended: RouteReceipt[] = []
  const components: RealmeshNodeComponents = {
    intake: { realms: { forType: () => ({ config }) as Realm }, scope: () => 'home', consented: () => false },
    route: async function* (_query, { journal, realms }): AsyncGenerator<QueryEvent> {
      runs += 1
      routedTo.push(realms)
      const attempt = journal.attempt(at)
      await gate
      if (fails !== undefined) throw new RealmeshError(fails, 'scripted', { retryable: false })
      yield { kind: 'text', text: `run ${runs}` }
      attempt.ended('served')
      yield { kind: 'end', finishReason: 'stop' }
    },
    byId: new QueriesById(),
    accounting: { open: () => ({ saw: () => {}, ended: () => {} }) },
    clock,
    log: silentQueryLog,
    parts: ['first', 'second'].map((name) => ({
      start: async () => void told.push(`start ${name}`),
      stop: async () => void told.push(`stop ${name}`),
    })),
    announceDraining: () => told.push('draining'),
    servedPeers: () => Promise.resolve(),
    describe: {
      status: (queries) => {
        counted = queries
        return {} as never
      },
      peers: () => [],
      models: () => [],
      model: () => undefined,
      addresses: () => [],
    },
    figures: () => Promise.resolve(''),
    registry: { sums: () => undefined },
    onEnded: (receipt) => ended.push(receipt),
    proofs: { proved: (receipt) => ({ ...receipt, overheadUs: -1 }) },
    apply: async () => {},
    control: {} as NodeControl,
    federation: new FakeFederation(),
    drains,
    responses: new FakeResponses(),
    files: users.files,
    batches: users.batches,
    users: house,
    running,
  }
  const made = new RealmeshNode(components, { peerId: 'me' })
  const ask = (more: Partial<QueryRequest> = {}) => made.query({ ...ASK, ...more } as QueryRequest, { signal })
  const counts = () => {
    made.status()
    return counted
  }
  return { node: made, house, running, ask, counts, told, clock, ended, routedTo, runs: () => runs }
}

describe('RealmeshNode', () => {
  it('starts its parts in order and stops them in reverse, each once', async () => {
    const { node: made, told } = node()
    await Promise.all([made.start(), made.start()])
    await made.stop()
    await made.stop()
    assert.deepEqual(told, ['start first', 'start second', 'stop second', 'stop first'])
  })

  for (const [what, options, expected] of [
    ['served here', {}, { running: 0, served: 1, failed: 0, forwarded: 0 }],
    ['served by another node', { at: 'other' }, { running: 0, served: 1, failed: 0, forwarded: 1 }],
    ['failed', { fails: 'NO_WORKER' }, { running: 0, served: 0, failed: 1, forwarded: 0 }],
  ] as const) {
    it(`counts a query that was ${what}, and tells of its receipt`, async () => {
      const { ask, counts, ended } = node(options)
      await collect(ask().events).catch(() => {})
      assert.deepEqual(counts(), expected)
      assert.equal(ended.length, 1)
    })
  }

  it('counts neither as served nor as failed a query whose client left', async () => {
    const { ask, counts } = node()
    for await (const _ of ask().events) break
    assert.deepEqual(counts(), { running: 0, served: 0, failed: 0, forwarded: 0 })
  })

  it('refuses what a banned user asks, at once or by the first pull, and counts no failure', async () => {
    const { ask, counts, house, runs, ended } = node()
    await house.enter('alice')
    const accepted = ask()
    house.ban('alice')
    assert.throws(() => ask(), { code: 'USER_BANNED' })
    await assert.rejects(collect(accepted.events), { code: 'USER_BANNED' })
    assert.deepEqual([runs(), ended.map(({ outcome }) => outcome)], [0, ['USER_BANNED']])
    assert.deepEqual(counts(), { running: 0, served: 0, failed: 0, forwarded: 0 })
    house.unban('alice')
    assert.equal(textOf(await collect(ask().events)), 'run 1')
  })

  it('runs a query once that is submitted twice under one id', async () => {
    const { ask, runs } = node()
    const answers = await Promise.all([ask({ id: 'mine' }), ask({ id: 'mine' })].map(({ events }) => collect(events)))
    assert.deepEqual(answers.map(textOf), ['run 1', 'run 1'])
    assert.equal(runs(), 1)
  })

  it('has a query routed within the realms that its key is for', async () => {
    const { ask, routedTo } = node()
    await collect(ask({ permitted: { realms: ['$CHAT'] } }).events)
    await collect(ask().events)
    assert.deepEqual(routedTo, [['$CHAT'], undefined])
  })

  it('hands a receipt, signed, to the user whose query it was only', async () => {
    const { node: made, ask } = node()
    const { id, events } = ask()
    await collect(events)
    assert.equal((await made.receipt(id, 'alice'))?.overheadUs, -1)
    assert.equal(await made.receipt(id, 'bob'), undefined)
  })

  it('takes nothing new while it drains, and drains until what runs has ended', async () => {
    const gate = Promise.withResolvers<void>()
    const { node: made, ask, told, clock } = node({ gate: gate.promise })
    const running = collect(ask().events)
    let drained = false
    const draining = made.drain(60_000).then(() => {
      drained = true
    })
    assert.throws(() => ask(), { code: 'DRAINING' })
    await turn()
    assert.equal(drained, false)
    gate.resolve()
    await Promise.all([running, draining])
    assert.deepEqual([told, clock.pending], [['draining'], 0])
  })

  it('gives up draining when the time for it is over', async () => {
    const gate = Promise.withResolvers<void>()
    const { node: made, ask, clock } = node({ gate: gate.promise })
    const running = collect(ask().events)
    const draining = made.drain(1_000)
    await turn()
    clock.advance(1_000)
    await draining
    gate.resolve()
    await running
  })
})
