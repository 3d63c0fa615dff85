/** What the owner reads of pairings, a line each. Pure; names of strangers are cleaned. */
import { cleanText } from '../../core/clean-text.ts'
import type { ErrorCode } from '../../core/realmesh-error.ts'
import type { Pairing } from '../api/joining/pairing-control.ts'
import { type MeantPeer, wordFor } from './meant-peer.ts'

/** A peer asks. */
export function askLine({ peer, name, kind }: Pairing, peers: readonly MeantPeer[]): string {
  const [wish, flag] = kind === 'home' ? ['to be one home with this node', ''] : ['to be friends', ' --friend']
  return `${shown(name, peer)} asks ${wish}: realmesh pair ${wordFor({ id: peer, name }, peers)}${flag}`
}

/** One has ended. */
export function endLine({ peer, name, kind, mover, digits, reason }: Pairing, code: ErrorCode | undefined): string {
  const whom = shown(name, peer)
  if (code === undefined) {
    if (kind === 'friend') return `paired: you and the owner of ${whom} are friends now`
    return mover === 'this node'
      ? `paired: this node moved into the home of ${whom}`
      : `paired: ${whom} is one of yours`
  }
  if (code === 'PAIRING_FAILED') {
    return `! not paired with ${whom}: ${reason}; a third node may stand between the two. Nothing was handed over`
  }
  const seen = digits === undefined ? '' : ', after the digits were shown'
  return `! not paired with ${whom}${seen}: ${cleanText(reason ?? 'it broke off')}`
}

/** By its name, beside the end of its id. */
export function shown(name: string, peer: string): string {
  return `${cleanText(name) || 'a node without a name'} (…${peer.slice(-8)})`
}
