/** Prints docs/doctor.md: how the doctor is asked, and every code with its meaning and what helps. */
import '../core/node20-shim.ts'
import type { CodeRow } from '../node/doctor/codes/code-row.ts'
import { MACHINE_CODES } from '../node/doctor/codes/machine-codes.ts'
import { PEER_CODES } from '../node/doctor/codes/peer-codes.ts'
import { SWARM_CODES } from '../node/doctor/codes/swarm-codes.ts'

const INTRODUCTION = `# The doctor

Generated from the tables of codes by \`npm run generate\`; do not edit.

\`\`\`sh
realmesh doctor              # this machine and its node: what is broken first
realmesh doctor desk-pc      # why that peer is not reached, or does not serve you
realmesh doctor …6JvXMmcS --model llama3.2
realmesh doctor --json       # {state, findings: [{code, state, cause, fix, facts}]}
\`\`\`

Every finding has a stable code, one line of cause and, where something is to be done, one line of fix. Scripts decide by the code; \`facts\` has what it was
read off. Exit status: 0 all is well, 8 warnings, 9 faults; what is unknown or was skipped changes nothing.

While a node runs with the home, it examines itself and the command prints that: over HTTP it is \`GET /api/doctor\` and \`GET /api/doctor?peer=NAME&model=NAME\`,
with the admin token, from its own machine. While none runs, or it does not answer, the command looks at the machine alone, and says what would keep a node from
starting; it takes the flags of \`realmesh up\` for that. Nothing is changed, but that a peer may be dialled. A check that is not done within 12 s is
told as \`check.unknown\`. The test query is a chat of one token, to the nearest peer that serves this node.
`

const SECTIONS: readonly (readonly [title: string, codes: Readonly<Record<string, CodeRow>>])[] = [
  ['This machine', MACHINE_CODES],
  ['The swarm, as this node sees it', SWARM_CODES],
  ['One peer', PEER_CODES],
]

function section([title, codes]: (typeof SECTIONS)[number]): string {
  const rows = Object.entries(codes).map(([code, { state, means, fix = '' }]) => {
    return `| \`${code}\` | ${state} | ${means} | ${fix} |`
  })
  return `## ${title}\n\n| code | state | means | fix |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`
}

process.stdout.write([INTRODUCTION, ...SECTIONS.map(section)].join('\n'))
