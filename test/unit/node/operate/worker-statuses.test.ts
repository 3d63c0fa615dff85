import assert from 'node:assert/strict'
import type { WorkerStatus } from '../../../../core/model/worker.ts'
import { workerStatuses } from '../../../../node/operate/worker-statuses.ts'

const well = { engine: 'ollama', healthy: true, health: 100, slots: 1, running: 0, models: ['tiny'], decodeRate: 0 }
const worker = (name: string, more: Partial<WorkerStatus> = {}): WorkerStatus => ({ ...well, name, url: '', ...more })

interface Membership {
  readonly taken: readonly string[]
  readonly leftOut: readonly string[]
}

function statuses(workers: readonly WorkerStatus[], realms: Readonly<Record<string, Membership>>) {
  const rows = Object.entries(realms).map(([name, membership]) => ({
    config: { name, maxWorkers: membership.taken.length },
    workers: { membership },
  }))
  return workerStatuses({ roster: { status: () => workers }, realms: { list: () => rows } })
}

describe('workerStatuses', () => {
  it('leaves a worker that a realm takes as it is', () => {
    const rows = [worker('a')]
    assert.deepEqual(statuses(rows, { $CHAT: { taken: ['a'], leftOut: [] } }), rows)
  })

  it('says why a well engine is never asked', () => {
    const rows = [worker('a'), worker('b')]
    const [, b] = statuses(rows, { $CHAT: { taken: ['a'], leftOut: ['b'] } })
    assert.deepEqual(b, worker('b', { healthy: false, reason: 'left out: max_workers of $CHAT is 1' }))
  })

  it('says so too of one that another realm takes, which is well there', () => {
    const [a] = statuses([worker('a')], {
      $CHAT: { taken: [], leftOut: ['a'] },
      $IMAGINE: { taken: ['a'], leftOut: [] },
    })
    assert.equal(a?.healthy, true)
    assert.match(a?.reason ?? '', /^left out: max_workers of \$CHAT/)
  })

  it('tells the worker’s own trouble first', () => {
    const [a] = statuses([worker('a', { reason: 'paused by its owner' })], { $CHAT: { taken: [], leftOut: ['a'] } })
    assert.equal(a?.reason, 'paused by its owner')
  })
})
