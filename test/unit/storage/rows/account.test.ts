import assert from 'node:assert/strict'
import {
  type Account,
  chargedAccount,
  creditedAccount,
  newAccount,
  servedCount,
} from '../../../../storage/rows/account.ts'

const account: Account = {
  ...newAccount({ guid: 'g', nickname: 'n', sysop: true, createdAt: 1, history: false }),
  banned: true,
  settings: { theme: 'dark' },
}
const charge = { startedAt: 50, tookMs: 1_200, outcome: 'served', cost: 0.0112, promptTokens: 3, completionTokens: 4 }

describe('an account', () => {
  it('adds up queries, in whole millionths of a credit', () => {
    let after = account
    for (let n = 0; n < 1_000; n += 1) after = chargedAccount(after, charge)
    const { queryCount, totalTimeMs, totalCostMicros, balanceMicros, promptTokens, completionTokens } = after
    assert.deepEqual([queryCount, totalTimeMs, promptTokens, completionTokens], [1_000, 1_200_000, 3_000, 4_000])
    assert.deepEqual([totalCostMicros, balanceMicros], [11_200_000, -11_200_000])
  })

  it('keeps what a query does not touch', () => {
    const { lastQueryAt: _, ...after } = chargedAccount(account, {
      ...charge,
      tookMs: 0,
      cost: 0,
      promptTokens: 0,
      completionTokens: 0,
    })
    assert.deepEqual(after, { ...account, queryCount: 1, servedCount: 1 })
  })

  it('counts a query that failed, and neither its time nor that it was served', () => {
    const after = chargedAccount(account, { ...charge, outcome: 'TERMINATED', cost: 0 })
    assert.deepEqual([after.queryCount, servedCount(after), after.totalTimeMs], [1, 0, 0])
  })

  it('takes all queries of an account for served that is older than their count', () => {
    const { servedCount: _, ...older } = { ...account, queryCount: 7 }
    assert.equal(servedCount(older), 7)
    assert.equal(servedCount(chargedAccount(older, charge)), 8)
  })

  it('knows the latest start, in whatever order queries end', () => {
    const late = chargedAccount(account, { ...charge, startedAt: 90 })
    assert.equal(chargedAccount(late, charge).lastQueryAt, 90)
  })

  it('takes credits, and gives them back', () => {
    const credit = { at: 1, amountMicros: 5_000_000, note: '' }
    const richer = creditedAccount(account, credit)
    assert.deepEqual(richer, { ...account, balanceMicros: 5_000_000 })
    assert.deepEqual(creditedAccount(richer, { ...credit, amountMicros: -5_000_000 }), account)
  })
})
