/** Links that break, homes behind routers, laptops that move. */
import { ComingBack } from '../scenarios/coming-back.ts'
import { Partition } from '../scenarios/partition.ts'
import { RelayedHomes } from '../scenarios/relayed-homes.ts'
import { TwoHomes } from '../scenarios/two-homes.ts'
import { Homes } from '../support/homes.ts'
import { NamespacePair } from '../support/namespace-pair.ts'
import { always, type Figure, ms } from './figure.ts'
import { during, type Proof, together } from './proof.ts'
import { punching } from './punching.ts'

/** How long the link of a partition stays cut: longer than it takes to miss a peer. */
const CUT_MS = 8_000
/** How long a laptop is closed: longer than its peers keep its connections. */
const ASLEEP_MS = 90_000
/** How long all others are down: until a node that dials them waits as long as it ever does. */
const LEFT_MS = 60_000
/** Megabytes of a recording that goes over a relay. */
const SENT_MB = 24

/** Two rigs behind two routers. */
async function relayed(homes: RelayedHomes): Promise<readonly Figure[]> {
  await homes.start()
  const { seatMs, loadMs, answerMs } = await homes.join()
  const sentMs = (SENT_MB / (await homes.send(SENT_MB * 1_000_000))) * 1_000
  const silenceMs = await homes.killRelay()
  await homes.seatsSettle()
  return [
    ms('rig ready to its first seat at a relay', [seatMs], always(2_000)),
    ms('joined to the load of the rig known, over a relay', [loadMs], always(2_000)),
    ms('realmesh join to the first whole answer', [answerMs], always(5_000)),
    ms(`${SENT_MB} MB to the rig over a relay (5 MB/s)`, [sentMs], always((SENT_MB / 5) * 1_000)),
    ms('silence of an answer whose relay was killed', [silenceMs]),
  ]
}

export const NETWORK_PROOFS: readonly Proof[] = [
  {
    name: 'punching',
    rounds: 3,
    obstacle: () => TwoHomes.obstacle(),
    run: (rounds) => punching(rounds),
  },
  {
    name: 'partition',
    rounds: 10,
    obstacle: () => NamespacePair.obstacle(),
    run: (rounds) =>
      during(new Partition(), async (partition) => {
        await partition.start()
        const errors: number[] = []
        const back: number[] = []
        for (let round = 0; round < rounds; round += 1) {
          const { errorMs, backMs } = await partition.cutAndHeal(CUT_MS)
          errors.push(...errorMs)
          back.push(backMs)
        }
        return [
          ms('a query for the other side of a cut link', errors, always(15_000)),
          ms('healing to the first whole answer', back, always(30_000)),
        ]
      }),
  },
  {
    name: 'coming-back',
    rounds: 3,
    obstacle: () => NamespacePair.obstacle(),
    run: (rounds) =>
      during(new ComingBack(), async (laptop) => {
        await laptop.start()
        const [awake, moved, back]: [number[], number[], number[]] = [[], [], []]
        for (let round = 0; round < rounds; round += 1) {
          awake.push(await laptop.sleep(ASLEEP_MS))
          moved.push(await laptop.move())
          back.push(await laptop.left(LEFT_MS))
        }
        return [
          ms('a laptop that slept is opened, to an answer of every node', awake, always(10_000)),
          ms('another address, to an answer of every node', moved, always(10_000)),
          ms('all other nodes were down and are up again, to an answer of each', back, always(30_000)),
        ]
      }),
  },
  {
    name: 'relayed-homes',
    rounds: 3,
    obstacle: () => Homes.obstacle(),
    run: async (rounds) => {
      const runs: (readonly Figure[])[] = []
      for (let n = 0; n < rounds; n += 1) runs.push(await during(new RelayedHomes(), relayed))
      return together(runs)
    },
  },
]
