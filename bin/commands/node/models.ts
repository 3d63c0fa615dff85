/** `realmesh models`: what a query can ask for. */
import { defined } from '../../../core/defined.ts'
import type { ListedModel } from '../../../node/api/node-api.ts'
import { type RunCommand, scopeFlag } from '../../cli/command.ts'
import { printResult } from '../../cli/print.ts'
import { textTable } from '../../cli/text-table.ts'
import { GatewayClient } from '../../client/gateway-client.ts'

export const run: RunCommand = async (invocation) => {
  const { flags, home, context } = invocation
  const scope = scopeFlag(flags)
  const client = await GatewayClient.connect(home, context.env)
  const headers = defined({ 'x-realmesh-scope': scope })
  const reply = (await client.json('/api/models', { headers })) as { readonly models: readonly ListedModel[] }
  const text =
    describe(reply.models, context.columns) || 'no models; start an engine (engines/README.md), or join a swarm\n'
  return printResult(invocation, { json: reply, text })
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
