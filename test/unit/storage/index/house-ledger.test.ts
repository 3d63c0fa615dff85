import assert from 'node:assert/strict'
import { HouseLedger, LEDGER_EVERY_MS, NO_SUMS, summed } from '../../../../storage/index/house-ledger.ts'
import { type Account, newAccount } from '../../../../storage/rows/account.ts'
import type { Shard } from '../../../../storage/shard/shard.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { memoryShard } from '../../../support/memory-shard.ts'
import { until } from '../../../support/until.ts'

const CHAT = { type: 'chat', tookMs: 100, cost: 0.5, outcome: 'served' }
const nobody = async function* (): AsyncGenerator<Account> {}

describe('the sums of the house', () => {
  it('count what was served, by type', () => {
    const sums = [CHAT, { ...CHAT, type: 'imagine', tookMs: 5 }, CHAT, { ...CHAT, outcome: 'CANCELLED' }].reduce(
      summed,
      NO_SUMS,
    )
    assert.deepEqual(sums, {
      queries: 3,
      timeMs: 205,
      costMicros: 1_500_000,
      byType: { chat: { queries: 2, timeMs: 200 }, imagine: { queries: 1, timeMs: 5 } },
      mostConnected: 0,
    })
  })

  describe('in their row', () => {
    let shard: Shard
    let clock: ManualClock
    let failures: unknown[]

    const make = async (accounts: () => AsyncIterable<Account> = nobody): Promise<HouseLedger> => {
      const ledger = new HouseLedger({ shard, clock, onFailed: (cause) => failures.push(cause) })
      await ledger.load(accounts)
      return ledger
    }

    beforeEach(async () => {
      shard = await memoryShard()
      clock = new ManualClock()
      failures = []
    })

    it('are written once for many queries, some seconds later, and by the stop', async () => {
      const ledger = await make()
      const before = shard.head.seq
      for (let n = 0; n < 50; n += 1) ledger.add(CHAT)
      assert.equal(clock.pending, 1)
      clock.advance(LEDGER_EVERY_MS)
      await shard.flush()
      assert.equal(shard.head.seq, before + 1)
      assert.equal((await make()).sums.queries, 50)
      ledger.add(CHAT)
      await ledger.stop()
      assert.equal((await make()).sums.queries, 51)
      assert.equal(clock.pending, 0)
    })

    it('are written by nothing where nothing changed', async () => {
      const ledger = await make()
      const before = shard.head.seq
      ledger.add({ ...CHAT, outcome: 'TIMEOUT' })
      ledger.noteConnected(0)
      await ledger.flush()
      assert.deepEqual([shard.head.seq, clock.pending], [before, 0])
    })

    it('are written again where the store refused', async () => {
      const ledger = await make()
      shard.refuseWrites(new Error('full') as never)
      ledger.add(CHAT)
      clock.advance(LEDGER_EVERY_MS)
      await until('that is told', () => failures.length > 0)
      await shard.recover()
      await until('the next try is planned', () => clock.pending > 0)
      clock.advance(LEDGER_EVERY_MS)
      await shard.flush()
      assert.equal((await make()).sums.queries, 1)
    })

    it('begin with what the accounts tell where there is no row', async () => {
      const account = newAccount({ guid: 'a', nickname: 'a', sysop: false, createdAt: 0, history: false })
      const { servedCount: _, ...older } = { ...account, queryCount: 3, totalTimeMs: 30, totalCostMicros: 9 }
      const accounts = async function* (): AsyncGenerator<Account> {
        yield older
        yield { ...account, queryCount: 9, servedCount: 2, totalTimeMs: 20, totalCostMicros: 1 }
      }
      const ledger = await make(accounts)
      assert.deepEqual(ledger.sums, { ...NO_SUMS, queries: 5, timeMs: 50, costMicros: 10 })
      ledger.noteConnected(4)
      await ledger.stop()
      assert.deepEqual((await make()).sums, { ...NO_SUMS, queries: 5, timeMs: 50, costMicros: 10, mostConnected: 4 })
    })
  })
})
