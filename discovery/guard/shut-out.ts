/** Shuts a peer out. */
import type { Connection, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Logger } from '../../core/logger.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { DenyList } from './deny-list.ts'

export interface ShutOutComponents {
  readonly libp2p: { getConnections(peer: PeerId): Pick<Connection, 'abort'>[] }
  readonly denyList: Pick<DenyList, 'isDenied' | 'deny'>
  readonly log: Logger
}

/** Denies the peer, so that it cannot come back, and cuts all its connections before it returns. */
export function shutOut({ denyList, libp2p, log }: ShutOutComponents, peer: string, reason: string): void {
  if (denyList.isDenied(peer)) return
  denyList.deny(peer, reason)
  const cause = new RealmeshError('PROTOCOL_ERROR', reason)
  for (const connection of libp2p.getConnections(peerIdFromString(peer))) connection.abort(cause)
  log.warn({ peer, reason }, 'peer cut and denied for 30 minutes')
}
