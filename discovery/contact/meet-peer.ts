/** Gets to know a peer that is needed now: a connection, then its card. */
import type { PeerCards } from '../peers/peer-cards.ts'
import type { PeerTable } from '../peers/peer-table.ts'
import type { PeerDialer, PeerHint } from './peer-dialer.ts'

export interface MeetPeerComponents {
  readonly dialer: Pick<PeerDialer, 'reach'>
  readonly table: Pick<PeerTable, 'get' | 'onChange'>
  readonly cards: Pick<PeerCards, 'fetch'>
}

/**
 * Connects to the peer and takes in its card; a known one is asked for it anew. Resolves when that is done, or failed,
 * or `signal` is aborted; never rejects.
 */
export async function meetPeer(components: MeetPeerComponents, hint: PeerHint, signal: AbortSignal): Promise<void> {
  const { dialer, table, cards } = components
  if (!(await dialer.reach(hint))) return
  await untilConnected(table, hint.id, signal)
  if (!signal.aborted) await cards.fetch(hint.id)
}

/** Resolves when the peer has told over its connection that it is a node of ours, or when `signal` is aborted. */
async function untilConnected(table: MeetPeerComponents['table'], peer: string, signal: AbortSignal): Promise<void> {
  if (table.get(peer)?.connected === true || signal.aborted) return
  await new Promise<void>((resolve) => {
    const end = (): void => {
      unlisten()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const unlisten = table.onChange(({ kind, id }) => {
      if (kind === 'connected' && id === peer) end()
    })
    signal.addEventListener('abort', end, { once: true })
  })
}
