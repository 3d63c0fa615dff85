/** What is proved, how often, and the bars. The scenarios are those of the gate, which asserts all of them but time. */
import { SEARCH_MS } from '../../discovery/dht/model-search.ts'
import { BlackHoles } from '../scenarios/black-holes.ts'
import { ComingBack } from '../scenarios/coming-back.ts'
import { DeadEngines } from '../scenarios/dead-engines.ts'
import { type Blow, DyingRigs } from '../scenarios/dying-rigs.ts'
import { HalSockets } from '../scenarios/hal-sockets.ts'
import { HostilePeers } from '../scenarios/hostile-peers.ts'
import { KillUnderWrites } from '../scenarios/kill-under-writes.ts'
import { KilledBatches } from '../scenarios/killed-batches.ts'
import { LeavingClients } from '../scenarios/leaving-clients.ts'
import { MixedStreams } from '../scenarios/mixed-streams.ts'
import { Partition } from '../scenarios/partition.ts'
import { RelayedHomes } from '../scenarios/relayed-homes.ts'
import { RollingRestart } from '../scenarios/rolling-restart.ts'
import { searchAmongSybils } from '../scenarios/sybils.ts'
import { TwoHomes } from '../scenarios/two-homes.ts'
import { UnknownModel } from '../scenarios/unknown-model.ts'
import { Homes } from '../support/homes.ts'
import { NamespacePair } from '../support/namespace-pair.ts'
import { always, type Figure, mostly, ms } from './figure.ts'
import { HAL_SOCKETS, halSockets } from './hal-sockets.ts'
import { hostile, hostileKinds } from './hostile.ts'
import { idle } from './idle.ts'
import { mixed } from './mixed.ts'
import { punching } from './punching.ts'

export interface Proof {
  readonly name: string
  /** Rounds unless the caller wants another number. */
  readonly rounds: number
  /** Why this machine cannot run it; undefined when it can. */
  readonly obstacle?: () => string | undefined
  /** `random` gives numbers from 0 to 1. Throws when something other than a figure is wrong. */
  run(rounds: number, random: () => number): Promise<readonly Figure[]>
}

/** How long the link of a partition stays cut: longer than it takes to miss a peer. */
const CUT_MS = 8_000
/** How long a laptop is closed: longer than its peers keep its connections. */
const ASLEEP_MS = 90_000
/** How long all others are down: until a node that dials them waits as long as it ever does. */
const LEFT_MS = 60_000
/** Engines die for good once in each swarm. */
const LAST_DEATHS = 5
/** An idle engine is looked at once in five seconds; the rest is for the second look and for the news. */
const IDLE_KNOWN_MS = 6_000
const RIGS = 5
const HONEST_RIGS = 7
/** Nodes among which a model is looked for. */
const SEARCHED = 50

/** Runs `task`, and stops the scenario whatever becomes of it. */
async function during<S extends { stop(): void | Promise<void> }>(
  scenario: S,
  task: (scenario: S) => Promise<readonly Figure[]>,
): Promise<readonly Figure[]> {
  try {
    return await task(scenario)
  } finally {
    await scenario.stop()
  }
}

function strikes(blow: Blow, what: string): Proof {
  return {
    name: `dying-rigs-${blow.toLowerCase()}`,
    rounds: 200,
    run: (rounds, random) =>
      during(new DyingRigs(), async (rigs) => {
        await rigs.start()
        const gaps = await rigs.strike({ blow, rounds, random })
        return [ms(`longest silence of an answer whose rig was ${what}`, gaps, mostly(95, 2_000))]
      }),
  }
}

/** One swarm whose engines die and return, and die for good. */
function deaths(rounds: number): Promise<readonly Figure[]> {
  return during(new DeadEngines(), async (engines) => {
    await engines.start()
    const { knownMs, lastSentMs, backMs } = await engines.dieAndReturn(rounds)
    const { idleKnownMs, errorMs } = await engines.dieForGood()
    return [
      ms('death of an engine at work to known in the swarm', knownMs, always(2_000)),
      ms('death to the last query sent there', lastSentMs, always(3_000)),
      ms('return to known in the swarm', backMs),
      ms('death of an idle engine to known in the swarm', [idleKnownMs], always(IDLE_KNOWN_MS)),
      ms('a query that nobody can answer', errorMs, always(3_000)),
    ]
  })
}

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

/** The same figures of several runs as one. */
function together(runs: readonly (readonly Figure[])[]): readonly Figure[] {
  const [first = []] = runs
  return first.map((figure, i) => ({ ...figure, samples: runs.flatMap((run) => run[i]?.samples ?? []) }))
}

export const PROOFS: readonly Proof[] = [
  {
    name: 'killed-batches',
    rounds: 10,
    run: (rounds, random) =>
      during(new KilledBatches(), async (batches) => {
        await batches.start()
        const { lines, computedTwice, seconds } = await batches.run({ lines: 1_000, kills: rounds, random })
        console.log(`  ${lines} lines in ${seconds.toFixed(0)} s`)
        return [{ name: 'lines computed twice because of a kill', unit: '%', samples: [(100 * computedTwice) / lines] }]
      }),
  },
  strikes('SIGKILL', 'killed'),
  strikes('SIGSTOP', 'stopped dead'),
  {
    name: 'dead-engines',
    rounds: 50,
    run: async (rounds) => {
      const runs: (readonly Figure[])[] = []
      for (let n = 0; n < LAST_DEATHS; n += 1) runs.push(await deaths(Math.ceil(rounds / LAST_DEATHS)))
      return together(runs)
    },
  },
  {
    name: 'leaving-clients',
    rounds: 1_000,
    run: (rounds, random) =>
      during(new LeavingClients(), async (clients) => {
        await clients.start()
        return [ms('client gone to engine told to stop', await clients.leave(rounds, random), always(1_000))]
      }),
  },
  {
    name: 'rolling-restart',
    rounds: 5,
    run: (rounds) =>
      during(new RollingRestart(), async (restart) => {
        await restart.start(RIGS)
        const { drainMs, knownMs } = await restart.go(rounds)
        return [
          ms('SIGTERM to the end of a busy rig', drainMs, always(30_000)),
          ms('rig ready to known in the swarm', knownMs),
        ]
      }),
  },
  {
    name: 'black-holes',
    rounds: 1_000,
    run: (rounds) =>
      during(new BlackHoles(), async (holes) => {
        await holes.start(HONEST_RIGS)
        const { tries, atLiars, unanswered, firstTextMs } = await holes.ask(rounds)
        return [
          { name: 'tries at 3 liars among 10 rigs', unit: '%', samples: [(100 * atLiars) / tries], bar: always(5) },
          {
            name: 'queries without an answer',
            unit: '%',
            samples: [(100 * unanswered.length) / rounds],
            bar: always(0),
          },
          ms('first text', firstTextMs),
        ]
      }),
  },
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
  {
    name: 'hostile-peers',
    rounds: 6,
    run: (rounds) =>
      during(new HostilePeers(), async (peers) => {
        await peers.start({ watched: true })
        return await hostile(peers, rounds)
      }),
  },
  {
    name: 'hostile-kinds',
    rounds: 3,
    run: (rounds) =>
      during(new HostilePeers(), async (peers) => {
        await peers.start({ watched: true })
        return await hostileKinds(peers, rounds)
      }),
  },
  {
    name: 'mixed-streams',
    rounds: 3,
    run: (rounds) =>
      during(new MixedStreams(), async (streams) => {
        await streams.start({ watched: true })
        return await mixed(streams, rounds)
      }),
  },
  {
    name: 'rentahal-sockets',
    rounds: 10,
    run: (rounds) =>
      during(new HalSockets(), async (sockets) => {
        await sockets.start(HAL_SOCKETS, { watched: true })
        return await halSockets(sockets, rounds)
      }),
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
  {
    name: 'kill-under-writes',
    rounds: 500,
    run: (rounds) =>
      during(new KillUnderWrites(), async (writes) => {
        const { startMs } = await writes.kill(rounds)
        return [ms('start of the user data after kill -9', startMs, always(5_000))]
      }),
  },
]
