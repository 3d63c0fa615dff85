/** What `realmesh pair` tells a person, step by step. Pure. */
import type { Pairing } from '../../../node/api/joining/pairing-control.ts'
import { shownNode } from '../../client/node-names.ts'

/** The other node, or its owner, is waited for. */
export function waitingText({ peer, name, state }: Pairing): string {
  const whom = shownNode(peer, name)
  return state === 'agreed'
    ? `now the owner of ${whom} must say yes`
    : `asked ${whom}; now answer there, within 5 minutes`
}

/** How a script answers, or a person in another terminal. */
export function answerText({ peer }: Pairing): string {
  return `Then: realmesh pair ${peer.slice(-8)} --yes DIGITS, with those that the other node shows`
}

/** Both nodes show digits. In halves: people read them aloud. */
export function comparisonText({ peer, name, digits = '', mover, leaves = 0 }: Pairing): string {
  const whom = shownNode(peer, name)
  return [
    `${digits.slice(0, 3)} ${digits.slice(3)}`,
    `${whom} must show the same digits: look at its screen, or call its owner.`,
    ...consequence(whom, mover, leaves),
  ].join('\n')
}

function consequence(whom: string, mover: Pairing['mover'], leaves: number): readonly string[] {
  if (mover === undefined)
    return ['The two owners become friends; what each shares with friends stays their own choice.']
  const [who, where] = mover === 'the peer' ? [whom, 'this home'] : ['This node', `the home of ${whom}`]
  const left = leaves === 0 ? [] : [`! it leaves its own home, with ${leaves} other node${leaves === 1 ? '' : 's'}`]
  return [`${who} moves into ${where}, and gets its key.`, ...left]
}

/** Both said yes. */
export function pairedText({ peer, name, kind, mover }: Pairing): string {
  const whom = shownNode(peer, name)
  if (kind === 'friend') {
    return `you and the owner of ${whom} are friends now\nrealmesh config set node.scope friends lets your queries go there, realmesh config set node.share friends serves theirs`
  }
  return mover === 'this node'
    ? `paired: this node belongs to the home of ${whom}, now and after a restart\nrealmesh models lists what it can ask now`
    : `paired: ${whom} belongs to this home, now and after a restart`
}
