/** `realmesh pair`: two nodes become one home, or their owners friends, when both owners see the same six digits. */
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { Pairing, PairingState } from '../../../node/api/joining/pairing-control.ts'
import { type Invocation, type RunCommand, textFlag } from '../../cli/command.ts'
import { printResult } from '../../cli/print.ts'
import { GatewayClient } from '../../client/gateway-client.ts'
import { shownNode } from '../../client/node-names.ts'
import { askYes } from './ask-yes.ts'
import { answerText, comparisonText, pairedText, waitingText } from './pair-words.ts'

export const run: RunCommand = async (invocation) => {
  const { flags, args, home } = invocation
  const client = await GatewayClient.connectAsOperator(home)
  const digits = textFlag(flags, 'yes')
  const peer = args[0] ?? (await onlyOne(client, digits === undefined ? ['asks'] : ['compare']))
  if (flags['no'] === true) return await refused(invocation, client, peer)
  if (digits !== undefined) {
    return await followed(invocation, client, (await client.act('pairings/answer', { peer, digits })) as Pairing)
  }
  const kind = flags['friend'] === true ? 'friend' : await kindOf(client, peer, args[0] === undefined)
  return await followed(invocation, client, (await client.act('pairings/begin', { peer, kind })) as Pairing)
}

async function listed(client: GatewayClient): Promise<readonly Pairing[]> {
  return ((await client.act('pairings/list')) as { readonly pairings: readonly Pairing[] }).pairings
}

/** Without a name the one that waits is meant. Throws `USAGE` where none does, or several. */
async function onlyOne(client: GatewayClient, states: readonly PairingState[]): Promise<string> {
  const waiting = (await listed(client)).filter(({ state }) => states.includes(state))
  const [one, another] = waiting
  if (one !== undefined && another === undefined) return one.peer
  if (one === undefined) {
    throw new RealmeshError('USAGE', 'no node asks to be paired with this one', {
      fix: 'realmesh peers shows the nodes here; realmesh pair PEER asks one of them',
    })
  }
  const all = waiting.map(({ peer, name }) => shownNode(peer, name)).join(', ')
  throw new RealmeshError('USAGE', `${waiting.length} nodes ask: ${all}`, {
    fix: 'realmesh pair PEER, with the id that the other machine shows in realmesh status',
  })
}

/** Who answers without a word wants what was asked for. */
async function kindOf(client: GatewayClient, peer: string, answers: boolean): Promise<Pairing['kind']> {
  return answers ? ((await listed(client)).find((pairing) => pairing.peer === peer)?.kind ?? 'home') : 'home'
}

async function refused(invocation: Invocation, client: GatewayClient, peer: string): Promise<number> {
  const pairing = (await client.act('pairings/answer', { peer })) as Pairing
  return printResult(invocation, { json: pairing, note: `not paired with ${shownNode(pairing.peer, pairing.name)}` })
}

/** Sees the pairing through: to its end, or to digits that nobody at a terminal can be asked about. */
async function followed(invocation: Invocation, client: GatewayClient, first: Pairing): Promise<number> {
  const { context, flags } = invocation
  const { peer } = first
  const next = async (seen: PairingState): Promise<Pairing> =>
    (await client.act('pairings/wait', { peer, state: seen })) as Pairing
  const asksPerson = context.stdin.isTTY === true && context.errIsTty && flags['json'] !== true
  let seen: PairingState | undefined
  for (let now = first; ; now = await next(now.state)) {
    if (now.state === 'paired') return printResult(invocation, { json: now, note: pairedText(now) })
    if (now.state === 'failed') throw failure(now)
    if (now.state === 'compare') {
      if (!asksPerson) {
        return printResult(invocation, { json: now, note: `${comparisonText(now)}\n${answerText(now)}` })
      }
      if (seen !== 'compare') now = await answered(invocation, client, now, next)
    } else if (now.state !== seen && flags['json'] !== true) context.err(`${waitingText(now)}\n`)
    seen = now.state
  }
}

/** The owner's word, unless the other owner has ended it before. */
async function answered(
  { context }: Invocation,
  client: GatewayClient,
  now: Pairing,
  next: (seen: PairingState) => Promise<Pairing>,
): Promise<Pairing> {
  context.err(`${comparisonText(now)}\n`)
  const leave = new AbortController()
  const over = async (): Promise<undefined> => {
    while ((await next('compare')).state === 'compare' && !leave.signal.aborted);
  }
  const yes = await Promise.race([askYes('The same digits on both? [y/N] ', context, leave.signal), over()])
  leave.abort()
  if (yes === undefined) return await next('compare')
  const digits = yes && now.digits !== undefined ? { digits: now.digits } : {}
  return (await client.act('pairings/answer', { peer: now.peer, ...digits })) as Pairing
}

function failure({ peer, name, reason = 'it broke off', code = 'PAIRING_REFUSED' }: Pairing): RealmeshError {
  return new RealmeshError(code, `not paired with ${shownNode(peer, name)}: ${reason}`, {
    fix:
      code === 'PAIRING_FAILED'
        ? 'try again; when it happens twice a third node stands between the two: take realmesh invite'
        : 'try again, with both owners at their machines',
  })
}
