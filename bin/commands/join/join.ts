/** `realmesh join`: follows an invitation that another node printed. */
import { cleanText } from '../../../core/clean-text.ts'
import type { Joined } from '../../../node/api/joining/invitation-control.ts'
import type { RunCommand } from '../../cli/command.ts'
import { printResult } from '../../cli/print.ts'
import { GatewayClient } from '../../client/gateway-client.ts'
import { shownNode } from '../../client/node-names.ts'

const TOLD: Readonly<Record<Joined['kind'], (whom: string, joined: Joined) => string>> = {
  home: (whom, { federation, changed }) =>
    changed
      ? `joined: this node and ${whom} belong to the same home, ${cleanText(federation)}, now and after a restart\nrealmesh models lists what it can ask now`
      : `this node and ${whom} belonged to the same home already`,
  friend: (whom, { federation, changed }) =>
    changed
      ? `you and ${cleanText(federation)}, of ${whom}, are friends now\nrealmesh config set node.scope friends lets your queries go there, realmesh config set node.share friends serves theirs`
      : `you and ${cleanText(federation)}, of ${whom}, were friends already`,
}

export const run: RunCommand = async (invocation) => {
  const [text = ''] = invocation.args
  const client = await GatewayClient.connectAsOperator(invocation.home)
  const joined = (await client.act('invitations/join', { text })) as Joined
  const whom = shownNode(joined.peer, joined.name)
  return printResult(invocation, { json: joined, note: TOLD[joined.kind](whom, joined) })
}
