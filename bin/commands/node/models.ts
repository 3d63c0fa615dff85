/** `realmesh models`: what a query can ask for. */
import { cleanText } from '../../../core/clean-text.ts'
import { defined } from '../../../core/defined.ts'
import type { ListedModel, NodeStatus, PeerStatus } from '../../../node/api/node-api.ts'
import { type RunCommand, scopeFlag } from '../../cli/command.ts'
import { clockTime } from '../../cli/duration.ts'
import { printResult } from '../../cli/print.ts'
import { shortId, textTable } from '../../cli/text-table.ts'
import { packageFile } from '../../cli/version.ts'
import { wrapLine } from '../../cli/wrap-text.ts'
import { GatewayClient } from '../../client/gateway-client.ts'

const NO_MODELS = `no models; start an engine (${packageFile('engines/README.md')} says how), or join a swarm\n`

export const run: RunCommand = async (invocation) => {
  const { flags, home, context } = invocation
  const scope = scopeFlag(flags)
  const client = await GatewayClient.connect(home, context.env)
  const headers = defined({ 'x-realmesh-scope': scope })
  const reply = (await client.json('/api/models', { headers })) as { readonly models: readonly ListedModel[] }
  const notes = (await pauses(client)).map((line) => `${wrapLine(`! ${line}`, context.columns, 2)}\n`)
  const text = [describe(reply.models, context.columns) || NO_MODELS, ...notes].join('')
  return printResult(invocation, { json: reply, text })
}

/** Who does not serve for now: their models are missing above, or are for this node alone. */
async function pauses(client: GatewayClient): Promise<readonly string[]> {
  const { paused } = (await client.json('/api/status')) as NodeStatus
  const { peers } = (await client.json('/api/peers')) as { readonly peers: readonly PeerStatus[] }
  const until = paused?.untilMs === undefined ? 'until realmesh resume' : `until ${clockTime(paused.untilMs)}`
  return [
    ...(paused === undefined ? [] : [`this node is paused ${until}: what is here serves its own queries only`]),
    ...peers
      .filter((peer) => peer.paused)
      .map(({ id, label }) => `${shortId(id)} (${cleanText(label)}) is paused by its owner: its models are not listed`),
  ]
}

function describe(models: readonly ListedModel[], width: number): string {
  return textTable(
    ['MODEL', 'FOR', 'CONTEXT', 'SIZE', 'NODES', 'HERE'],
    models.map(({ model, nodes, local, engines }) => [
      model.name,
      model.types.join(' '),
      model.contextLength === undefined ? '-' : String(model.contextLength),
      [model.parameterSize, model.quantization].filter(Boolean).join(' ') || '-',
      String(nodes.length),
      local ? engines.join(' ') : '-',
    ]),
    { width, spare: ['SIZE', 'CONTEXT', 'FOR'] },
  )
}
