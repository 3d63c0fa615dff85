/** Coming into a swarm, finding in it, and what it costs. */
import { SEARCH_MS } from '../../discovery/dht/model-search.ts'
import { searchAmongSybils } from '../scenarios/sybils.ts'
import { UnknownModel } from '../scenarios/unknown-model.ts'
import { NamespacePair } from '../support/namespace-pair.ts'
import { always, type Figure, mostly, ms } from './figure.ts'
import { idle } from './idle.ts'
import { during, type Proof } from './proof.ts'
import { waysIn } from './ways-in.ts'

/** Nodes among which a model is looked for. */
const SEARCHED = 50

export const SWARM_PROOFS: readonly Proof[] = [
  {
    name: 'ways-in',
    rounds: 10,
    obstacle: () => NamespacePair.obstacle(),
    run: (rounds) => waysIn(rounds),
  },
  {
    name: 'unknown-model',
    rounds: 20,
    run: (rounds) =>
      during(new UnknownModel(), async (swarm) => {
        await swarm.start(SEARCHED)
        const searched: number[] = []
        const answered: number[] = []
        for (let round = 0; round < rounds; round += 1) {
          await swarm.serve(`rare-${round}:7b`)
          const newcomer = await swarm.newcomer()
          swarm.show()
          const { text, receipt } = newcomer.ask(`rare-${round}:7b`)
          await text
          const { searchedMs = 0, totalMs } = receipt()
          searched.push(searchedMs)
          answered.push(totalMs)
          await newcomer.stop()
        }
        return [
          ms(`search for a model of one of ${SEARCHED} nodes in one process, four of them known`, searched),
          ms('its first query to the end of the answer', answered, always(SEARCH_MS)),
        ]
      }),
  },
  {
    name: 'sybils',
    rounds: 100,
    run: async (rounds, random) => {
      const figures: Figure[] = []
      for (const workers of [1, 4]) {
        const searched: number[] = []
        for (let round = 0; round < rounds; round += 1) {
          searched.push(await searchAmongSybils({ honest: 200, sybils: 200, workers }, random))
        }
        const what = `search for a model of ${workers} of 200 nodes, 200 Sybils around the key of the first, simulated`
        figures.push(ms(what, searched, mostly(95, SEARCH_MS)))
      }
      return figures
    },
  },
  {
    name: 'idle',
    rounds: 3,
    run: (rounds) => idle(rounds),
  },
]
