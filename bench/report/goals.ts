/** What we hold ourselves to, as ratios within one run: the machine's mood cancels out. */
import type { Row } from './summary.ts'

export interface Goal {
  readonly scenario: string
  readonly target: string
  readonly about: string
  readonly value: (row: Row) => number | undefined
  readonly atMost: number
}

export const GOALS: readonly Goal[] = [
  {
    scenario: 'json',
    target: 'local',
    about: 'CPU per request, local worker, of the bare relay',
    value: (row) => row.cpuPerRequestOfRelay,
    atMost: 3,
  },
  {
    scenario: 'json',
    target: 'peer',
    about: 'CPU per request through a peer, both nodes, of the bare relay',
    value: (row) => row.cpuPerRequestOfRelay,
    atMost: 7,
  },
  {
    scenario: 'paced',
    target: 'local',
    about: 'CPU per streamed token, local worker, of the bare relay',
    value: (row) => row.cpuPerTokenOfRelay,
    atMost: 1.4,
  },
  {
    scenario: 'paced',
    target: 'peer',
    about: 'CPU per streamed token through a peer, both nodes, of the bare relay',
    value: (row) => row.cpuPerTokenOfRelay,
    atMost: 2.5,
  },
  {
    scenario: 'first-token',
    target: 'local',
    about: 'added time to the first token, local worker, ms',
    value: (row) => row.addedMs,
    atMost: 1,
  },
  {
    scenario: 'first-token',
    target: 'peer',
    about: 'added time to the first token through a peer, ms',
    value: (row) => row.addedMs,
    atMost: 5,
  },
]

export interface Verdict {
  readonly about: string
  readonly value: number | undefined
  readonly atMost: number
  readonly reached: boolean
}

/** How each goal came out; one whose scenario did not run is not reached. */
export function judge(rows: Readonly<Record<string, readonly Row[]>>): readonly Verdict[] {
  return GOALS.filter((goal) => rows[goal.scenario] !== undefined).map(({ scenario, target, about, value, atMost }) => {
    const row = rows[scenario]?.find((candidate) => candidate.target === target)
    const found = row === undefined ? undefined : value(row)
    return { about, value: found, atMost, reached: found !== undefined && found <= atMost }
  })
}
