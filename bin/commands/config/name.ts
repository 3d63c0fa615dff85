/** `realmesh name`: what people call this node. */
import { loadConfig } from '../../../config/file/load-config.ts'
import { cleanText } from '../../../core/clean-text.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { livingDaemon } from '../../../home/home-lock.ts'
import type { NodeStatus } from '../../../node/api/node-api.ts'
import type { Invocation, RunCommand } from '../../cli/command.ts'
import { printResult } from '../../cli/print.ts'
import { GatewayClient } from '../../client/gateway-client.ts'
import { changeValue } from './config.ts'

/** With a word: that is its name from now on, here and at every node that meets it. */
export const run: RunCommand = async (invocation) => {
  const [given] = invocation.args
  if (given === undefined) {
    const name = await currentName(invocation)
    return printResult(invocation, { json: { name }, text: `${cleanText(name)}\n` })
  }
  const name = cleanText(given)
  if (name === '') throw new RealmeshError('USAGE', 'the name is empty', { fix: 'realmesh name attic' })
  const what = `this node is called ${name}`
  return await changeValue(invocation, { where: 'node.name', value: JSON.stringify(name), what })
}

/** The running node's, which a flag may have given it, else what the file says. */
async function currentName({ home, context }: Invocation): Promise<string> {
  if ((await livingDaemon(home)) === undefined) {
    const { config } = await loadConfig({ home, env: context.env, file: undefined })
    return config.node.name
  }
  const client = await GatewayClient.connect(home, context.env)
  return ((await client.json('/api/status')) as NodeStatus).name
}
