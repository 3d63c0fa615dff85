/** `realmesh join`: follows an invitation that another node printed. */
import { cleanText } from '../../../core/clean-text.ts'
import type { Joined } from '../../../node/api/invitation-control.ts'
import type { RunCommand } from '../../cli/command.ts'
import { printResult } from '../../cli/print.ts'
import { shortId } from '../../cli/text-table.ts'
import { GatewayClient } from '../../client/gateway-client.ts'

export const run: RunCommand = async (invocation) => {
  const [text = ''] = invocation.args
  const client = await GatewayClient.connectAsOperator(invocation.home)
  const joined = (await client.act('invitations/join', { text })) as Joined
  const { name, peer, federation, changed } = joined
  const whom = `${cleanText(name)} (${shortId(peer)})`
  return printResult(invocation, {
    json: joined,
    note: changed
      ? `joined: this node and ${whom} belong to the same home, ${cleanText(federation)}, now and after a restart\nrealmesh models lists what it can ask now`
      : `this node and ${whom} belonged to the same home already`,
  })
}
