import assert from 'node:assert/strict'
import { silentLogger } from '../../../../core/logger.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import type { OpenedShard } from '../../../../storage/shard/level-shard-opener.ts'
import type { DamageReport } from '../../../../storage/shard/shard-notes.ts'
import { ShardSlots } from '../../../../storage/shards/shard-slots.ts'
import { shardStatus } from '../../../../storage/shards/shard-status.ts'
import { memoryShard } from '../../../support/memory-shard.ts'
import { memoryShardStore } from '../../../support/memory-shard-store.ts'

const SPEC = { name: 'a', connectionString: 'level:a' }
const DAMAGE: DamageReport = {
  shard: 'a',
  at: 1,
  findings: ['a table is gone', 'and another'],
  recordsFound: 0,
  damagedRecords: 0,
  quarantine: '/q',
}

/** Slots whose openings and repairs come to what is given, one after another. */
function slotsThat(openings: (OpenedShard | Error)[], repairs: (OpenedShard | Error)[] = []) {
  const next = (outcomes: (OpenedShard | Error)[]): OpenedShard => {
    const outcome = outcomes.shift() ?? new Error('nothing more is expected')
    if (outcome instanceof Error) throw outcome
    return outcome
  }
  const opening = { open: async () => next(openings), acceptRepair: async () => next(repairs) }
  return new ShardSlots({ opening, wasOpened: () => true, logger: silentLogger })
}

describe('the slots of shards', () => {
  it('hold a shard that is open', async () => {
    const slots = slotsThat([{ shard: await memoryShard() }])
    await slots.open(SPEC)
    assert.equal(slots.required('a'), slots.shard('a'))
    assert.equal(slots.shards().length, 1)
    assert.throws(() => slots.required('b'), { code: 'SHARD_NOT_FOUND' })
    assert.equal(shardStatus('a', slots.slot('a'), true).state, 'serving')
    assert.equal(shardStatus('a', slots.slot('a'), false).state, 'idle')
    slots.shard('a')?.refuseWrites(new RealmeshError('STORAGE_FULL', 'no room'))
    assert.deepEqual(
      [shardStatus('a', slots.slot('a'), true).state, shardStatus('a', slots.slot('a'), true).problem],
      ['refusing', 'no room'],
    )
    await slots.stop()
    assert.equal(slots.size, 0)
  })

  it('say why one is out of service, and serve the others', async () => {
    const slots = slotsThat([{ damage: DAMAGE }])
    await slots.open(SPEC)
    assert.throws(() => slots.required('a'), { code: 'STORAGE_DAMAGED' })
    const { state, problem, damage } = shardStatus('a', slots.slot('a'), true)
    assert.deepEqual([state, problem, damage], ['damaged', 'a table is gone; and another', DAMAGE])
  })

  it('keep the reason of one that does not open, and try it again', async () => {
    const slots = slotsThat([new Error('EIO'), { shard: await memoryShard() }])
    await slots.open(SPEC)
    assert.throws(() => slots.required('a'), { code: 'STORAGE_FAILED' })
    assert.equal(shardStatus('a', slots.slot('a'), true).state, 'unavailable')
    assert.equal(await slots.reopenFailed(AbortSignal.abort()), 0)
    assert.equal(await slots.reopenFailed(new AbortController().signal), 1)
    assert.ok(slots.shard('a'))
  })

  for (const code of ['STORAGE_LOCKED', 'CONFIG_INVALID'] as const) {
    it(`keep the node from starting for ${code}`, async () => {
      await assert.rejects(slotsThat([new RealmeshError(code, 'no')]).open(SPEC), { code })
    })
  }

  it('leave a sound shard alone when a repair is asked for, and know no other', async () => {
    const slots = slotsThat([{ shard: await memoryShard() }])
    await slots.open(SPEC)
    assert.equal(await slots.repair('a'), false)
    await assert.rejects(slots.repair('b'), { code: 'SHARD_NOT_FOUND' })
  })

  it('put what a repair brought back into service', async () => {
    const slots = slotsThat([{ damage: DAMAGE }], [{ shard: await memoryShard() }])
    await slots.open(SPEC)
    assert.equal(await slots.repair('a'), true)
    assert.ok(slots.required('a'))
  })

  it('open a shard anew in which a damaged record was found, before its repair is accepted', async () => {
    const store = memoryShardStore()
    const shard = await memoryShard(store)
    await store.write([{ key: 'bad', value: Buffer.from('garbage bytes') }], { expected: new Map() })
    await assert.rejects(shard.get('bad'))
    const fresh = await memoryShard()
    const slots = slotsThat([{ shard }, { shard: fresh }])
    await slots.open(SPEC)
    const { damagedRecords, problem } = shardStatus('a', slots.slot('a'), true)
    assert.equal(damagedRecords, 1)
    assert.match(problem ?? '', /^1 damaged record is refused/)
    assert.equal(await slots.repair('a'), true)
    assert.equal(slots.shard('a'), fresh)
    await assert.rejects(shard.get('x'), { code: 'STORAGE_CLOSED' })
  })

  it('do not begin an empty shard in the place of one whose files are gone, unless that is said again', async () => {
    const lost = await memoryShard()
    Object.defineProperty(lost, 'lost', { value: true })
    const slots = slotsThat([{ shard: lost }, { damage: { ...DAMAGE, gone: true } }], [{ shard: await memoryShard() }])
    await slots.open(SPEC)
    assert.equal(await slots.repair('a'), false)
    assert.equal(shardStatus('a', slots.slot('a'), true).state, 'damaged')
    assert.equal(await slots.repair('a'), true)
  })
})
