import assert from 'node:assert/strict'
import type { LoadResult } from '../../../bench/load/load-plan.ts'
import { judge } from '../../../bench/report/goals.ts'
import { spread, summarize } from '../../../bench/report/summary.ts'
import { table } from '../../../bench/report/table.ts'

const result = (cpuUsPerRequest: number, firstMs: number, bad = 0): LoadResult => ({
  seconds: 1,
  ok: 10,
  bad,
  requestsPerSecond: 1000 / cpuUsPerRequest,
  tokensPerSecond: 0,
  firstMs: { p50: firstMs, p99: firstMs },
  totalMs: { p50: firstMs, p99: firstMs },
  cpuUsPerRequest,
  failures: {},
})

const ROUNDS = {
  direct: [result(10, 1), result(10, 1), result(10, 1)],
  relay: [result(40, 2), result(50, 2), result(400, 2)],
  local: [result(100, 3), result(90, 3, 2), result(5000, 90)],
}

describe('the summary of a bench', () => {
  it('takes medians, so that one bad round decides nothing', () => {
    const local = summarize(ROUNDS).find(({ target }) => target === 'local')
    assert.deepEqual(local?.cpuUsPerRequest, { median: 100, min: 90, max: 5000 })
    assert.equal(local?.cpuPerRequestOfRelay, 2)
    assert.equal(local?.addedMs, 2)
    assert.equal(local?.bad, 2)
  })

  it('leaves out what was not measured', () => {
    const [direct] = summarize({ direct: [{ ...result(1, 1), cpuUsPerRequest: undefined } as unknown as LoadResult] })
    assert.equal(direct?.cpuUsPerRequest, undefined)
    assert.equal(spread([]), undefined)
  })

  it('holds the goals against the rows and calls a missing figure not reached', () => {
    const verdicts = judge({ json: summarize(ROUNDS) })
    assert.deepEqual(
      verdicts.map(({ value, reached }) => [value, reached]),
      [
        [2, true],
        [undefined, false],
      ],
    )
  })

  it('prints a line per target under one of titles', () => {
    const lines = table(summarize(ROUNDS)).split('\n')
    assert.equal(lines.length, 4)
    assert.match(lines[3] ?? '', /^local .* 100\.0 \(90-5000\) +2\.00 /)
  })
})
