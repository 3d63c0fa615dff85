/** Which peer gives way when the table is full. Pure. */
import type { Relation } from '../../core/scope.ts'
import type { PeerEntry } from './peer-entry.ts'

/**
 * In whose favour others give way; the connected are 256 at most, so that strangers never fill the table by being
 * connected.
 */
const IMPORTANCE: Readonly<Record<Relation, { readonly silent: number; readonly connected: number }>> = {
  stranger: { silent: 0, connected: 1 },
  friend: { silent: 2, connected: 4 },
  home: { silent: 3, connected: 5 },
}

/** A larger number stays longer. */
export function importance({ standing, connected }: PeerEntry): number {
  return IMPORTANCE[standing.relation][connected ? 'connected' : 'silent']
}
