/** `realmesh engines`: looks for engines now, also when no daemon runs, and says why it leaves something out. */

import { loadConfig } from '../../../config/file/load-config.ts'
import { defined } from '../../../core/defined.ts'
import { toRealmeshError } from '../../../core/realmesh-error.ts'
import { livingDaemon } from '../../../home/home-lock.ts'
import type { NodeStatus } from '../../../node/api/node-api.ts'
import { findEngines } from '../../../node/tools/this-machine.ts'
import { type Invocation, type RunCommand, textFlag } from '../../cli/command.ts'
import { printResult } from '../../cli/print.ts'
import { GatewayClient } from '../../client/gateway-client.ts'
import { engineReport } from '../../daemon/engine-report.ts'

export const run: RunCommand = async (invocation) => {
  const { flags, home, context } = invocation
  const file = textFlag(flags, 'config')
  const { config } = await loadConfig({ home, env: context.env, file })
  const [detection, workers] = await Promise.all([
    findEngines(config, new AbortController().signal),
    runningWorkers(invocation),
  ])
  const json = { ...detection, ...defined({ workers }) }
  return printResult(invocation, { json, text: engineReport(detection, workers, context.columns) })
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
