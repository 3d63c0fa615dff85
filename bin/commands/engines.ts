/** `realmesh engines`: looks for engines now, also when no daemon runs, and says why it leaves something out. */
import { loadConfig } from '../../node/config/load-config.ts'
import { type Detection, findEngines } from '../../node/found-engines.ts'
import { type RunCommand, textFlag } from '../command.ts'
import { textTable } from '../text-table.ts'

export const run: RunCommand = async ({ flags, home, context }) => {
  const file = textFlag(flags, 'config')
  const { config } = await loadConfig({ home, env: context.env, ...(file === undefined ? {} : { file }) })
  const detection = await findEngines(config, new AbortController().signal)
  context.out(flags['json'] === true ? `${JSON.stringify(detection)}\n` : describe(detection))
  return 0
}

function describe({ found, refused }: Detection): string {
  const used = textTable(
    ['ENGINE', 'URL', 'VERSION', 'KNOWN BY'],
    found.map((engine) => [engine.kind, engine.url, engine.version ?? '-', engine.fingerprint]),
  )
  // Closed ports are the usual case and no news.
  const listening = refused.filter((candidate) => candidate.listening)
  const left = textTable(
    ['NOT USED', 'WHY'],
    listening.map((candidate) => [candidate.url, candidate.reason]),
  )
  const none = found.length === 0 ? 'no engine found; workers/README.md says how to run one\n' : ''
  return [none, used, left].filter((part) => part !== '').join('\n')
}
