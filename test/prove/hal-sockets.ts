/** What a thousand users on RENT-A-HAL's socket cost, and whether each gets its answers. */
import type { HalSockets, SocketsResult } from '../scenarios/hal-sockets.ts'
import { always, type Figure, loopFigures, mostly, ms } from './figure.ts'

/** Sockets, each of a user of its own. */
export const HAL_SOCKETS = 1_000

/** Queries of ten seconds, two tokens a second; each round is a minute. */
const ROUND = { tokens: 20, paceMs: 500, forMs: 60_000 }

/** `rounds`: minutes. */
export async function halSockets(sockets: HalSockets, rounds: number): Promise<readonly Figure[]> {
  const results: SocketsResult[] = []
  await sockets.run({ tokens: 2, paceMs: 100, forMs: 1_000 }) // warm
  for (let round = 0; round < rounds; round += 1) {
    const result = await sockets.run(ROUND)
    for (const fault of result.faults.slice(0, 10)) console.log(`  ${fault}`)
    results.push(result)
  }
  const loops = results.flatMap(({ loop }) => loop ?? [])
  const percent = (share: (result: SocketsResult) => number): number[] => results.map((each) => 100 * share(each))
  const lost = percent(({ faults, queries }) => faults.length / queries)
  const messages = results.map(({ told, queries }) => told / queries)
  console.log(
    `  ${results.reduce((sum, { queries }) => sum + queries, 0)} queries, ${messages.map((each) => each.toFixed(1)).join(', ')} messages for each`,
  )
  return [
    { name: 'queries lost or wrong', unit: '%', samples: lost, bar: always(0) },
    { name: 'CPU of the daemon, of one core', unit: '%', samples: results.flatMap(({ cores }) => (cores ?? 0) * 100) },
    ms(
      'end of a query behind that of its engine',
      results.flatMap(({ lateMs }) => lateMs),
    ),
    ...loopFigures(loops, { late: mostly(99, 50), memory: always(512) }),
  ]
}
