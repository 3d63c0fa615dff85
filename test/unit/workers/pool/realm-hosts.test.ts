import assert from 'node:assert/strict'
import type { Relation, Scope } from '../../../../core/scope.ts'
import { RealmHosts } from '../../../../workers/pool/realm-hosts.ts'
import { RealmWorkerManager } from '../../../../workers/pool/realm-worker-manager.ts'
import { WorkerPool } from '../../../../workers/pool/worker-pool.ts'
import { FakeEngine } from '../../../support/fake-engine.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatQuery } from '../../../support/query.ts'

const NONE: ReadonlySet<string> = new Set()
const INIT = { realm: '$CHAT', queryTypes: ['chat', 'vision'], node: 'me' } as const

describe('RealmHosts', () => {
  const pools: WorkerPool[] = []

  async function made(hosts: Readonly<Record<string, { host: Relation; realms?: readonly string[] }>>) {
    const pool = new WorkerPool({ clock: new ManualClock() })
    pools.push(pool)
    await pool.start()
    await pool.add(new FakeEngine(), { name: 'rig' })
    for (const [name, settings] of Object.entries(hosts)) {
      await pool.add(new FakeEngine({ kind: 'rentahal-host' }), { name, scope: 'local', ...settings })
    }
    return { pool, hosts: new RealmHosts({ pool }, INIT), manager: new RealmWorkerManager({ pool }, INIT) }
  }

  afterEach(async () => {
    for (const pool of pools.splice(0)) await pool.stop()
  })

  const reach: readonly (readonly [scope: Scope, reached: readonly Relation[]])[] = [
    ['local', []],
    ['home', ['home']],
    ['friends', ['home', 'friend']],
    ['public', ['home', 'friend', 'stranger']],
  ]
  for (const [scope, reached] of reach) {
    it(`sends a query of scope ${scope} to ${reached.length === 0 ? 'none' : reached.join(', ')}`, async () => {
      for (const host of ['home', 'friend', 'stranger'] as const) {
        const { hosts } = await made({ garage: { host } })
        const query = chatQuery({ scope })
        assert.equal(hosts.modelFor(query, NONE) !== undefined, reached.includes(host), host)
        if (!reached.includes(host)) assert.throws(() => hosts.reserve(query, NONE), { code: 'NO_WORKER' })
      }
    })
  }

  it('gives a slot of a host, each once, and none of a host that is excluded or of another realm', async () => {
    const { hosts } = await made({ garage: { host: 'friend' }, shed: { host: 'friend', realms: ['$VISION'] } })
    const query = chatQuery({ scope: 'friends' })
    assert.throws(() => hosts.reserve(query, new Set(['garage'])), { code: 'NO_WORKER' })
    const lease = hosts.reserve(query, NONE)
    assert.deepEqual([lease.worker, lease.engine], ['garage', 'rentahal-host'])
    assert.throws(() => hosts.reserve(query, NONE), { code: 'NO_WORKER' }, 'its only slot is taken')
    lease.release()
    hosts.reserve(query, NONE).release()
  })

  it('counts among no workers, and is offered to no peer', async () => {
    const { manager, hosts } = await made({ garage: { host: 'home' } })
    assert.deepEqual(manager.workers, { usable: 1, known: 1, told: 1 })
    for (const asker of ['home', 'friend', 'stranger'] as const) {
      const options = { asker, exclude: new Set(['rig']) }
      assert.throws(() => manager.reserve(chatQuery({ scope: 'public' }), options), { code: 'NO_WORKER' })
    }
    assert.deepEqual(
      hosts.models().map(({ host }) => host),
      ['home'],
    )
  })
})
