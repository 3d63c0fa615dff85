/** Which of the known peers serve this node's queries, as their cards say: connected or not. Pure. */
import { canonicalModelName, isAutoModel } from '../../core/model/model-name.ts'
import { type PeerEntry, servesUs } from './peer-entry.ts'
import type { PeerTable } from './peer-table.ts'

/** Whether the peer shares any model with us, in `realm` if one is given. */
export function serves(entry: Readonly<PeerEntry> | undefined, realm?: string): boolean {
  if (entry?.card === undefined || !servesUs(entry)) return false
  return entry.card.models.some((offered) => realm === undefined || offered.realm === realm)
}

/** How many peers are known that serve a realm. */
export function servers(table: Pick<PeerTable, 'entries'>, realm: string): number {
  return [...table.entries()].filter((entry) => serves(entry, realm)).length
}

/**
 * Ids of peers that serve a model, or any in `realm`, and are not connected: those that were heard last come first.
 */
export function outOfContact(
  table: Pick<PeerTable, 'entries'>,
  { model, realm }: { readonly model: string; readonly realm?: string },
): readonly string[] {
  const wanted = isAutoModel(model) ? undefined : canonicalModelName(model)
  const means = (name: string): boolean => wanted === undefined || canonicalModelName(name) === wanted
  return [...table.entries()]
    .filter((entry) => !entry.connected && serves(entry, realm))
    .filter(({ card }) => card?.models.some((offered) => means(offered.model.name)))
    .sort((a, b) => b.heardAt - a.heardAt)
    .map(({ id }) => id)
}
