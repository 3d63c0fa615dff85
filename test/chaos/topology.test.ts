/**
 * `realmesh swarm run` in small: what the command does is what is tested here, and a test of a fault may be written as
 * a topology. States only: how long anything takes is for `npm run prove`.
 */
import assert from 'node:assert/strict'
import { assertNamespaces } from '../../bin/swarm/net/namespaces.ts'
import { play } from '../../bin/swarm/play/play.ts'
import { type PlayReport, playReport } from '../../bin/swarm/play/play-report.ts'
import { PlayedSwarm } from '../../bin/swarm/play/played-swarm.ts'
import { readTopology } from '../../bin/swarm/topology/read-topology.ts'
import { skip } from '../support/skip.ts'

const KILL = `
nodes:
  - { name: desk }
  - { name: rig-1, engine: { slots: 8, tokens_per_second: 20 } }
  - { name: rig-2, engine: { slots: 8, tokens_per_second: 20 } }
queries: { from: desk, per_second: 3, for: 4, tokens: 20 }
faults: [{ at: 2, kill: rig-1, for: 1 }]
`

const PARTITION = `
seed: 2
network: { latency_ms: 20 }
nodes:
  - { name: desk }
  - { name: near, engine: {} }
  - { name: far, engine: {} }
queries: { from: desk, per_second: 2, for: 4, tokens: 8 }
faults: [{ at: 1, partition: [[desk, near], far], for: 2 }]
`

async function played(text: string): Promise<PlayReport> {
  const swarm = new PlayedSwarm(readTopology(text, 'play.yaml'))
  try {
    await swarm.start()
    return playReport(await play(swarm, { signal: new AbortController().signal }))
  } finally {
    await swarm.stop()
  }
}

function assertSound({ counts, doubled, joined, faults }: PlayReport): void {
  assert.ok(counts.asked > 0 && counts.well > 0)
  assert.deepEqual([counts.wrong, counts.lost, doubled], [0, 0, 0])
  assert.deepEqual(joined.shut, [])
  assert.deepEqual(
    faults.map(({ mesh }) => mesh?.shut),
    [[]],
  )
}

describe('a topology that is played', () => {
  it('loses and doubles nothing when one of two rigs is killed, and is whole when it is back', async () => {
    assertSound(await played(KILL))
  })

  it('loses and doubles nothing when it is parted, and is whole when it heals', async function () {
    try {
      assertNamespaces(false)
    } catch (error) {
      skip(this, String(error))
    }
    const report = await played(PARTITION)
    assertSound(report)
    assert.ok((report.frames?.lost ?? 0) > 0, 'the partition dropped nothing')
  })
})
