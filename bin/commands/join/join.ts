/** `realmesh join`: follows an invitation that another node printed. */
import { cleanText } from '../../../core/clean-text.ts'
import { homeFlag } from '../../../home/home-folder.ts'
import { livingDaemon } from '../../../home/home-lock.ts'
import { daemonNotRunning } from '../../../home/runtime-file.ts'
import type { Joined } from '../../../node/api/joining/invitation-control.ts'
import { keepInvitation } from '../../../node/invite/kept-invitation.ts'
import type { Invocation, RunCommand } from '../../cli/command.ts'
import { printResult } from '../../cli/print.ts'
import { GatewayClient } from '../../client/gateway-client.ts'
import { shownNode } from '../../client/node-names.ts'
import { runningHomes } from '../../daemon/running-homes.ts'

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
  if ((await livingDaemon(invocation.home)) === undefined) return await kept(invocation, text)
  const client = await GatewayClient.connectAsOperator(invocation.home)
  const joined = (await client.act('invitations/join', { text })) as Joined
  const whom = shownNode(joined.peer, joined.name)
  return printResult(invocation, { json: joined, note: TOLD[joined.kind](whom, joined) })
}

/** No node runs here: it follows the invitation when it starts. Throws `INVITATION_INVALID`. */
async function kept(invocation: Invocation, text: string): Promise<number> {
  const { home, context } = invocation
  // A node of this user that runs elsewhere is most likely the one that is meant: its home is named then.
  if (homeFlag(home) === '' && (await runningHomes(context.env)).length > 0) throw daemonNotRunning(home)
  const { peer, name, kind, expiresMs } = await keepInvitation(home, text)
  const until = new Date(expiresMs).toISOString()
  return printResult(invocation, {
    json: { kept: true, peer, name, kind, until },
    note: `no node runs here: it joins ${shownNode(peer, name)} when it starts, until ${until}\nnext: realmesh up`,
  })
}
