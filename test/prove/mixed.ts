/** What a thousand streams over all doors cost, and whether all of them come whole. */
import type { MixedStreams, StreamsResult } from '../scenarios/mixed-streams.ts'
import { always, type Figure, loopFigures, ms } from './figure.ts'

/** Over all doors at once: ten tokens a second each, for twenty seconds. */
const THOUSAND_STREAMS = { streams: 1_000, tokens: 200, paceMs: 100 }

/** Many streams over all doors of one daemon. */
export async function mixed(streams: MixedStreams, rounds: number): Promise<readonly Figure[]> {
  const results: StreamsResult[] = []
  await streams.run({ ...THOUSAND_STREAMS, tokens: 10 }) // warm
  for (let round = 0; round < rounds; round += 1) {
    const result = await streams.run(THOUSAND_STREAMS)
    for (const fault of result.faults) console.log(`  ${fault}`)
    results.push(result)
  }
  const loops = results.flatMap(({ loop }) => loop ?? [])
  const all = (of: (result: StreamsResult) => number | undefined): number[] => results.flatMap((each) => of(each) ?? [])
  return [
    {
      name: 'tokens lost, doubled or out of order',
      unit: '%',
      samples: all((r) => (100 * r.wrong) / r.tokens),
      bar: always(0),
    },
    {
      name: 'streams with any other fault',
      unit: '%',
      samples: all((r) => (100 * r.faults.length) / THOUSAND_STREAMS.streams),
      bar: always(0),
    },
    { name: 'CPU of the daemon, of one core', unit: '%', samples: all(({ cores }) => cores && 100 * cores) },
    ms(
      'end of a stream behind that of its engine',
      results.flatMap(({ lateMs }) => lateMs),
    ),
    ...loopFigures(loops, { memory: always(400) }),
  ]
}
