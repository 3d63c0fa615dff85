/** What the owner of a node loses to hostile peers, and what these do to its loop. */
import type { HostilePeers } from '../scenarios/hostile-peers.ts'
import { FLOODS, type Flood } from '../support/hostile-peer.ts'
import type { LoopSamples } from '../support/loop-watch.ts'
import { always, type Figure, loopFigures, mostly, ms } from './figure.ts'

/** With hostile peers and without. */
const PHASE_MS = 10_000
/** With one kind of hostile peers. */
const KIND_MS = 5_000

/** Five hostile peers against one node: the owner's answers with them and without, in turns. */
export async function hostile(peers: HostilePeers, rounds: number): Promise<readonly Figure[]> {
  const lost: number[] = []
  const loops: LoopSamples[] = []
  await peers.measure(PHASE_MS) // warm
  for (let round = 0; round < rounds; round += 1) {
    const { perSecond: quiet } = await peers.measure(PHASE_MS)
    const end = await peers.flood()
    const { perSecond: flooded, loop } = await peers.measure(PHASE_MS)
    console.log(`  round ${round + 1}: ${quiet.toFixed(1)} and ${flooded.toFixed(1)} answers a second, ${await end()}`)
    lost.push(100 * (1 - flooded / quiet))
    loops.push(loop)
  }
  const mean = lost.reduce((sum, percent) => sum + percent, 0) / lost.length
  return [
    { name: 'own answers lost to five hostile peers, mean', unit: '%', samples: [mean], bar: always(10) },
    { name: 'the same, by round', unit: '%', samples: lost },
    ...loopFigures(loops, { memory: always(400) }),
  ]
}

/** What each kind of flood by itself does to the loop. */
export async function hostileKinds(peers: HostilePeers, rounds: number): Promise<readonly Figure[]> {
  const held = new Map<Flood, number[]>()
  await peers.measure(PHASE_MS) // warm
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of FLOODS) {
      const end = await peers.flood(kind)
      const { loop } = await peers.measure(KIND_MS)
      await end()
      held.set(kind, [...(held.get(kind) ?? []), ...loop.heldMs])
    }
  }
  return [...held].map(([kind, samples]) =>
    ms(`turn of the loop under ${kind}, CPU that held it`, samples, mostly(99, 50)),
  )
}
