import assert from 'node:assert/strict'
import type { EngineRun } from '../../../../bin/swarm/engine/simulated-ollama.ts'
import { askTimes, type PlayRecord } from '../../../../bin/swarm/play/play.ts'
import { isSound, playReport } from '../../../../bin/swarm/play/play-report.ts'
import type { PlayedQuery } from '../../../../bin/swarm/play/played-query.ts'
import { reportLines } from '../../../../bin/swarm/play/print-report.ts'
import { readTopology } from '../../../../bin/swarm/topology/read-topology.ts'
import type { RouteReceipt } from '../../../../core/query/receipt.ts'

const TEXT =
  'nodes: [{ name: a }, { name: b, engine: {} }]\nqueries: { from: a }\nfaults: [{ at: 1, kill: b, for: 2 }]\n'

function query(n: number, fields: Partial<PlayedQuery> = {}): PlayedQuery {
  const asked = { prompt: `query ${n}`, model: 'simulated', tokens: 4, from: 'a', begunAt: 1_000 * n }
  return { ...asked, id: `id-${n}`, end: 'well', firstMs: 10, tookMs: 100 * (n + 1), ends: 1, ...fields }
}

function receipt(attempts: number, continued = false): RouteReceipt {
  return { attempts: Array.from({ length: attempts }, () => ({})), continued, hedged: false } as unknown as RouteReceipt
}

function run(n: number, fields: Partial<EngineRun> = {}): EngineRun {
  return { prompt: `query ${n}`, continued: false, begunAt: 1_000 * n, endedAt: 1_000 * n + 500, end: 'end', ...fields }
}

function record(fields: Partial<PlayRecord>): PlayRecord {
  const topology = readTopology(TEXT, 'play.yaml')
  const joined = { wholeMs: 500, ways: 1, shut: [] }
  return { topology, joined, queries: [], receipts: new Map(), faults: [], journals: new Map(), ...fields }
}

describe('playReport', () => {
  it('counts how queries ended', () => {
    const queries = [
      query(0),
      query(1, { end: 'wrong' }),
      query(2, { end: 'error', why: 'no_worker', id: undefined }),
      query(3, { end: 'lost', why: 'socket hang up', ends: 0 }),
    ]
    const report = playReport(record({ queries }))
    assert.deepEqual(report.counts, { asked: 4, accepted: 3, well: 1, wrong: 1, error: 1, lost: 1 })
    assert.deepEqual(report.reasons, { no_worker: 1, 'socket hang up': 1 })
    assert.deepEqual(report.tookMs, { p50: 100, p95: 100, p99: 100, max: 100 })
    assert.equal(isSound(report), false)
  })

  it('takes work that was done twice for doubled, but where the receipt tells of the second try', () => {
    const journals = new Map([
      ['b', [run(0), run(1), run(2)]],
      ['c', [run(0), run(1)]],
    ])
    const receipts = new Map([
      ['id-0', receipt(1)],
      ['id-1', receipt(2)],
      ['id-2', receipt(1)],
    ])
    const report = playReport(record({ queries: [query(0), query(1), query(2)], journals, receipts }))
    assert.equal(report.doubled, 1)
    assert.equal(playReport(record({ queries: [query(0, { ends: 2 })] })).doubled, 1)
  })

  it('tells of a fault what was under way there and what was asked meanwhile', () => {
    const topology = readTopology(TEXT, 'play.yaml')
    const [fault] = topology.faults
    assert.ok(fault !== undefined)
    const queries = [query(0), query(1), query(3, { end: 'error', why: 'no_worker' }), query(9)]
    const journals = new Map([['b', [run(0), run(1, { endedAt: 3_000, end: 'gone' })]]])
    const receipts = new Map([['id-1', receipt(2, true)]])
    const mesh = { wholeMs: 2_000, ways: 1, shut: [] }
    const faults = [{ fault, beganAt: 2_000, endedAt: 4_000, mesh }]
    const report = playReport(record({ topology, queries, journals, receipts, faults }))
    const [told] = report.faults
    assert.deepEqual(told?.underWay, { asked: 1, accepted: 1, well: 1, wrong: 0, error: 0, lost: 0, continued: 1 })
    assert.deepEqual(told?.during, { asked: 1, accepted: 1, well: 0, wrong: 0, error: 1, lost: 0 })
    const lines = reportLines(report).join('\n')
    assert.match(lines, /at 1 s {4}kill b for 2 s\n {2}under way there {2}1: 1 well.*1 went on elsewhere/)
    assert.match(lines, /afterwards {7}all 1 ways open after 2\.0 s/)
  })
})

describe('askTimes', () => {
  it('gives about as many as are wanted, the same for the same seed', () => {
    const plan = { per_second: 5, for: 1_000 }
    const times = askTimes(plan, 3)
    assert.ok(Math.abs(times.length - 5_000) < 300, `${times.length}`)
    assert.deepEqual(askTimes(plan, 3), times)
    assert.notDeepEqual(askTimes(plan, 4), times)
    assert.ok(times.every((at, i) => at > (times[i - 1] ?? 0)))
  })
})
