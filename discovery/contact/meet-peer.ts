/** Gets to know a peer that is needed now: a connection, then its card. */
import type { Libp2p, PeerId } from '@libp2p/interface'
import type { Clock } from '../../core/run/clock.ts'
import type { PeerCards } from '../peers/peer-cards.ts'
import type { PeerTable } from '../peers/peer-table.ts'
import type { PeerDialer, PeerHint } from './peer-dialer.ts'

/**
 * One more than is needed when all goes well: the connection that is there, or the dial that is joined, may be one that
 * the peer has just closed, and a line breaks while it is made.
 */
const TRIES = 2
/**
 * A try that failed only after so long ran out of time, on a busy machine or line: it says nothing of the peer, and
 * does not count.
 */
export const SLOW_TRY_MS = 2_000

export interface MeetPeerComponents {
  readonly dialer: Pick<PeerDialer, 'reach'>
  readonly libp2p: Pick<Libp2p, 'getPeers' | 'addEventListener' | 'removeEventListener'>
  readonly table: Pick<PeerTable, 'get' | 'onChange'>
  readonly cards: Pick<PeerCards, 'fetch'>
  readonly clock: Pick<Clock, 'monotonic'>
}

/**
 * Connects to the peer and takes in its card; a known one is asked for it anew. Resolves when that is done, or failed
 * twice at once, or `signal` is aborted; never rejects.
 */
export async function meetPeer(components: MeetPeerComponents, hint: PeerHint, signal: AbortSignal): Promise<void> {
  const { clock } = components
  for (let failures = 0; failures < TRIES && !signal.aborted; ) {
    const since = clock.monotonic()
    if (await isMet(components, hint, signal)) return
    if (clock.monotonic() - since < SLOW_TRY_MS) failures += 1
  }
}

async function isMet(components: MeetPeerComponents, hint: PeerHint, signal: AbortSignal): Promise<boolean> {
  const { dialer, table, cards } = components
  if (!(await dialer.reach(hint))) return false
  await untilSettled(components, hint.id, signal)
  if (signal.aborted || table.get(hint.id)?.connected !== true) return false
  return (await cards.fetch(hint.id)) !== undefined
}

/**
 * Resolves when the peer has told over its connection that it is a node of ours, when its last connection is gone, or
 * when `signal` is aborted.
 */
async function untilSettled({ libp2p, table }: MeetPeerComponents, peer: string, signal: AbortSignal): Promise<void> {
  const isOver = (): boolean =>
    signal.aborted ||
    table.get(peer)?.connected === true ||
    !libp2p.getPeers().some((connected) => connected.toString() === peer)
  if (isOver()) return
  await new Promise<void>((resolve) => {
    const end = (): void => {
      unlisten()
      libp2p.removeEventListener('peer:disconnect', gone)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const gone = ({ detail }: CustomEvent<PeerId>): void => {
      if (detail.toString() === peer) end()
    }
    const unlisten = table.onChange(({ kind, id }) => {
      if (kind === 'connected' && id === peer) end()
    })
    libp2p.addEventListener('peer:disconnect', gone)
    signal.addEventListener('abort', end, { once: true })
  })
}
