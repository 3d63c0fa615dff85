import assert from 'node:assert/strict'
import { mergePlan, readPlan, withOpened, writePlan } from '../../../../storage/shards/shard-plan.ts'
import { memoryShard } from '../../../support/memory-shard.ts'

const spec = (name: string, connectionString = `level:${name}`) => ({ name, connectionString })

describe('the plan of shards', () => {
  it('is what is configured at the first start', () => {
    assert.deepEqual(mergePlan(undefined, [spec('a'), spec('b')]), {
      shards: [spec('a'), spec('b')],
      current: ['a', 'b'],
    })
  })

  it('takes shards that were configured since, and gives them no users', () => {
    const stored = { shards: [spec('a')], current: ['a'], target: ['a'], opened: ['a'] }
    assert.deepEqual(mergePlan(stored, [spec('a', 'level:elsewhere'), spec('b')]), {
      ...stored,
      shards: [spec('a', 'level:elsewhere'), spec('b')],
    })
  })

  it('keeps shards that are configured no more: users may live there', () => {
    const stored = { shards: [spec('a'), spec('b')], current: ['a', 'b'] }
    assert.deepEqual(mergePlan(stored, [spec('a')]), stored)
  })

  it('notes which shards were opened once, and forgets none that does not open today', () => {
    const plan = { shards: [spec('a'), spec('b'), spec('c')], current: ['a'], opened: ['b'] }
    const noted = withOpened(plan, (name) => name === 'a')
    assert.deepEqual(noted.opened, ['a', 'b'])
    assert.equal(
      withOpened(noted, () => false),
      noted,
    )
  })

  it('outlasts a restart in the index', async () => {
    const index = await memoryShard()
    assert.equal(await readPlan(index), undefined)
    const plan = { shards: [spec('a')], current: ['a'] }
    await writePlan(index, plan)
    assert.deepEqual(await readPlan(index), plan)
  })
})
