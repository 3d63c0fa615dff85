/** `realmesh engines`: looks for engines now, also when no daemon runs, and says why it leaves something out. */
import { toRealmeshError } from '../../core/realmesh-error.ts'
import { loadConfig } from '../../node/config/load-config.ts'
import { findEngines } from '../../node/found-engines.ts'
import { livingDaemon } from '../../node/home/home-lock.ts'
import type { NodeStatus } from '../../node/node-api.ts'
import { type Invocation, type RunCommand, textFlag } from '../command.ts'
import { engineReport } from '../engine-report.ts'
import { GatewayClient } from '../gateway-client.ts'

export const run: RunCommand = async (invocation) => {
  const { flags, home, context } = invocation
  const file = textFlag(flags, 'config')
  const { config } = await loadConfig({ home, env: context.env, ...(file === undefined ? {} : { file }) })
  const [detection, workers] = await Promise.all([
    findEngines(config, new AbortController().signal),
    runningWorkers(invocation),
  ])
  const json = { ...detection, ...(workers === undefined ? {} : { workers }) }
  context.out(flags['json'] === true ? `${JSON.stringify(json)}\n` : engineReport(detection, workers))
  return 0
}

/** What the node of this home uses: flags that it was started with are in no file. Undefined when none runs. */
async function runningWorkers({ home, context }: Invocation): Promise<NodeStatus['workers'] | undefined> {
  if ((await livingDaemon(home)) === undefined) return undefined
  try {
    const client = await GatewayClient.connect(home, context.env)
    return ((await client.json('/api/status')) as NodeStatus).workers
  } catch (thrown) {
    context.err(`the running node was not asked for its engines: ${toRealmeshError(thrown).message}\n`)
    return undefined
  }
}
