/** Rigs, engines and clients that die, stop or lie. */
import { BlackHoles } from '../scenarios/black-holes.ts'
import { DeadEngines } from '../scenarios/dead-engines.ts'
import { type Blow, DyingRigs } from '../scenarios/dying-rigs.ts'
import { KillUnderWrites } from '../scenarios/kill-under-writes.ts'
import { KilledBatches } from '../scenarios/killed-batches.ts'
import { LeavingClients } from '../scenarios/leaving-clients.ts'
import { RollingRestart } from '../scenarios/rolling-restart.ts'
import { always, type Figure, mostly, ms } from './figure.ts'
import { during, type Proof, together } from './proof.ts'

/** Engines die for good once in each swarm. */
const LAST_DEATHS = 5
/** An idle engine is looked at once in five seconds; the rest is for the second look and for the news. */
const IDLE_KNOWN_MS = 6_000
const RIGS = 5
const HONEST_RIGS = 7

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

export const FAULT_PROOFS: readonly Proof[] = [
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
    name: 'kill-under-writes',
    rounds: 500,
    run: (rounds) =>
      during(new KillUnderWrites(), async (writes) => {
        const { startMs } = await writes.kill(rounds)
        return [ms('start of the user data after kill -9', startMs, always(5_000))]
      }),
  },
]
