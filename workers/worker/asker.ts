/** Who a query comes from, as the workers see it: a person or program on this node, or another node. */
import { type Relation, type Scope, scopeReaches } from '../../core/scope.ts'

/** `own`: it began on this node. Otherwise what the node that handed it to us is to us. */
export type Asker = 'own' | Relation

/** Whether something that serves `scope` serves this asker. The node's own queries are inside every scope. */
export function scopeServes(scope: Scope, asker: Asker): boolean {
  return asker === 'own' || scopeReaches(scope, asker)
}
