/**
 * How far a query may go: the caller's wish within what the owner allowed. Before the first query that leaves for
 * strangers the owner says yes once, told in plain words that other people's machines will see the prompt.
 */
import { RealmeshError } from '../../core/realmesh-error.ts'
import { narrowerScope, type Scope, scopeCovers } from '../../core/scope.ts'

/** What the owner is told before they say yes. */
export const PUBLIC_WARNING =
  'a public query is answered on machines of people you do not know: they can read the prompt and everything in it'

export interface ScopeGateComponents {
  /** The node's own scope: for queries that name none. */
  readonly scope: () => Scope
  /** Whether the owner said yes to public queries. */
  readonly consented: () => boolean
}

/**
 * The scope of one query. `realm`: the widest that its realm, and the user's own limit, allow. Throws `SCOPE_REFUSED`
 * or `CONSENT_NEEDED`.
 */
export function queryScope(asked: Scope | undefined, realm: Scope | undefined, components: ScopeGateComponents): Scope {
  if (asked !== undefined && realm !== undefined && !scopeCovers(realm, asked)) {
    throw new RealmeshError('SCOPE_REFUSED', `the scope ${asked} is wider than ${realm}, which the owner allows here`, {
      fix: `ask with x-realmesh-scope: ${realm}, or widen the realm's scope in realms.yml, or that of the API key`,
    })
  }
  const own = components.scope()
  const scope = asked ?? (realm === undefined ? own : narrowerScope(realm, own))
  if (scope === 'public' && !components.consented()) {
    throw new RealmeshError('CONSENT_NEEDED', PUBLIC_WARNING, {
      fix: 'if that is what you want, say so once: realmesh consent public',
    })
  }
  return scope
}
