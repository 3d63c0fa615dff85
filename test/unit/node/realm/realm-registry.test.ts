import assert from 'node:assert/strict'
import type { RealmConfig } from '../../../../config/schema/realm-schema.ts'
import type { QueryType } from '../../../../core/query/query.ts'
import type { Asker } from '../../../../core/scope.ts'
import { RealmRegistry } from '../../../../node/realm/realm-registry.ts'
import { WorkerPool } from '../../../../workers/pool/worker-pool.ts'
import { collect, textOf } from '../../../support/collect.ts'
import { defaultConfig } from '../../../support/default-config.ts'
import { FakeEngine, fakeModel } from '../../../support/fake-engine.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatQuery } from '../../../support/query.ts'

/** A pool that tells how many listen to its slots. */
class WatchedPool extends WorkerPool {
  readonly #listening = new Set<() => void>()

  get listeners(): number {
    return this.#listening.size
  }

  override onSlotFree(listener: () => void): () => void {
    const stop = super.onSlotFree(listener)
    this.#listening.add(stop)
    return () => {
      this.#listening.delete(stop)
      stop()
    }
  }
}

const options = { signal: new AbortController().signal, asker: 'own' } as const
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('RealmRegistry', () => {
  const { realms: configs } = defaultConfig()
  const chat = configs.find(({ name }) => name === '$CHAT') ?? assert.fail('there is $CHAT')
  const withTokens = (tokensOut: number): RealmConfig[] => [{ ...chat, limits: { ...chat.limits, tokensOut } }]

  async function setUp(realms: readonly RealmConfig[] = configs) {
    const clock = new ManualClock()
    const pool = new WatchedPool({ clock })
    const engine = new FakeEngine()
    await pool.add(engine, { name: 'rig', slots: 1 })
    await pool.start()
    return { clock, pool, engine, registry: new RealmRegistry({ pool, clock }, { node: 'me', realms }) }
  }

  const names = (registry: RealmRegistry): readonly string[] => registry.list().map(({ config }) => config.name)

  it('shows a realm that the file does not name while an engine here serves it, be it up or down', async () => {
    const { registry, pool, engine } = await setUp([chat])
    assert.deepEqual([names(registry), registry.all().length], [['$CHAT'], 3])
    engine.offered = [fakeModel('ear', { types: ['transcribe'] })]
    await pool.check()
    assert.deepEqual(names(registry), ['$CHAT', '$HEAR'])
    engine.trouble = new Error('gone')
    await pool.check()
    assert.deepEqual(names(registry), ['$CHAT', '$HEAR'])
    engine.trouble = undefined
    engine.offered = []
    await pool.check()
    assert.deepEqual(names(registry), ['$CHAT'])
  })

  it('begins queries in a realm that stands by, and looks for other nodes of it from the first on', async () => {
    const { registry } = await setUp([chat])
    let told = 0
    registry.onChange(() => {
      told += 1
    })
    assert.deepEqual(registry.sought, ['$CHAT'])
    assert.equal(registry.forType('speak').config.name, '$SPEAK')
    assert.equal(registry.forType('speak').config.name, '$SPEAK')
    assert.deepEqual([registry.sought, told], [['$CHAT', '$SPEAK'], 1])
    assert.equal(registry.limitsFor({ realm: '$HEAR', type: 'transcribe' }, 'home')?.promptBytes, 25 * 2 ** 20)
  })

  it('lets a realm of the file take the place of one that stands by', async () => {
    const { registry } = await setUp([chat])
    registry.apply([chat, { ...chat, name: '$EARS', primaryQueryType: 'transcribe' }])
    assert.deepEqual(names(registry), ['$CHAT', '$EARS'])
    assert.equal(registry.get('$HEAR'), undefined)
    assert.equal(registry.forType('transcribe').config.name, '$EARS')
  })

  it('runs a query in the realm that it names, and fails where there is none of that name', async () => {
    const { registry, engine } = await setUp()
    engine.script = (run) => run.text('hello').end()
    assert.equal(textOf(await collect(registry.run(chatQuery(), options))), 'hello')
    await assert.rejects(collect(registry.run(chatQuery({ realm: '$NONE' }), options)), { code: 'REALM_NOT_FOUND' })
  })

  it('begins a query in the first realm of its type, and a picture in a conversation with the chats where none is named', async () => {
    const { registry } = await setUp([chat])
    assert.equal(registry.forType('vision').config.name, '$CHAT')
    assert.throws(() => registry.forType('imagine'), { code: 'REALM_NOT_FOUND' })
  })

  it('grants a query of a peer what its type has, also in a realm that stands in', async () => {
    const { registry } = await setUp()
    const vision = registry.forType('vision').config
    const at = (realm: string, type: QueryType, asker: Asker = 'home') => registry.limitsFor({ realm, type }, asker)
    assert.equal(at('$CHAT', 'chat'), chat.limits)
    assert.equal(at('$CHAT', 'vision'), vision.limits)
    assert.equal(at('$VISION', 'vision', 'friend'), vision.limits)
    assert.equal(at('$VISION', 'vision', 'stranger'), vision.strangerLimits)
    assert.equal(at('$NONE', 'chat'), undefined)
    const alone = (await setUp([chat])).registry
    assert.equal(alone.limitsFor({ realm: '$CHAT', type: 'imagine' }, 'home'), chat.limits)
  })

  it('refuses what is no realm, and leaves the others as they are', async () => {
    const { registry } = await setUp()
    const before = registry.list()
    assert.throws(() => registry.apply([{ ...chat, name: 'chat' }]), { code: 'CONFIG_INVALID' })
    assert.deepEqual(registry.list(), before)
  })

  it('leaves a realm alone that did not change, and tells of those that did', async () => {
    const { registry } = await setUp()
    let told = 0
    registry.onChange(() => {
      told += 1
    })
    const before = registry.get('$IMAGINE')
    registry.apply(configs.map((config) => (config.name === '$CHAT' ? { ...config, strategy: 'random' } : config)))
    assert.equal(registry.get('$IMAGINE'), before)
    assert.equal(registry.get('$CHAT')?.config.strategy, 'random')
    assert.equal(told, 1)
  })

  it('leaves nothing behind of the realms that it replaced, however often', async () => {
    const { registry, pool } = await setUp(withTokens(1))
    for (let i = 2; i < 52; i += 1) registry.apply(withTokens(i))
    await turn()
    assert.equal(pool.listeners, registry.all().length)
  })

  it('finishes what a replaced realm accepted, what waits included, and lets it go then', async () => {
    const { registry, pool, engine } = await setUp(withTokens(1))
    const running = collect(registry.run(chatQuery({ id: 'a' }), options))
    const waiting = collect(registry.run(chatQuery({ id: 'b' }), options))
    await turn()
    registry.apply(withTokens(2))
    await turn()
    assert.equal(pool.listeners, registry.all().length + 1)
    let idle = false
    void registry.idle().then(() => {
      idle = true
    })
    engine.script = (run) => run.text('second').end()
    engine.runs[0]?.text('first').end()
    assert.deepEqual([textOf(await running), textOf(await waiting)], ['first', 'second'])
    await turn()
    assert.deepEqual([pool.listeners, idle], [registry.all().length, true])
  })

  it('ends what waits in a replaced realm too when it closes', async () => {
    const { registry, pool, engine } = await setUp(withTokens(1))
    const running = collect(registry.run(chatQuery({ id: 'a' }), options))
    const waiting = collect(registry.run(chatQuery({ id: 'b' }), options))
    await turn()
    registry.apply(withTokens(2))
    registry.close()
    await assert.rejects(waiting, { code: 'DRAINING' })
    engine.runs[0]?.text('first').end()
    await running
    assert.equal(pool.listeners, 0)
  })

  it('takes nothing new while it drains, and tells when it is idle and when the load changes', async () => {
    const { registry, engine } = await setUp()
    let changes = 0
    registry.onLoadChange(() => {
      changes += 1
    })
    const running = collect(registry.run(chatQuery(), options))
    await turn()
    registry.drain()
    await assert.rejects(collect(registry.run(chatQuery({ id: 'late' }), options)), { code: 'DRAINING' })
    let idle = false
    void registry.idle().then(() => {
      idle = true
    })
    await turn()
    assert.deepEqual([idle, changes], [false, 1])
    engine.runs[0]?.text('x').end()
    await running
    await turn()
    assert.deepEqual([idle, changes], [true, 2])
  })
})
