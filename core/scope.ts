/** Where a query may go, and whose queries a node serves: the same four words, each wider than the one before. */
export const SCOPES = ['local', 'home', 'friends', 'public'] as const

/** `local`: this node only. `home`: own federation. `friends`: listed peers and federations. `public`: everyone in the network. */
export type Scope = (typeof SCOPES)[number]

/** What another node is to us, as proved by its card: a member of our federation, a listed friend, or nobody we know. */
export type Relation = 'home' | 'friend' | 'stranger'

/** The narrowest scope that reaches a node of each relation. */
const SCOPE_NEEDED: Readonly<Record<Relation, Scope>> = { home: 'home', friend: 'friends', stranger: 'public' }

/** Whether `text` is one of the four scopes. */
export function isScope(text: unknown): text is Scope {
  return typeof text === 'string' && (SCOPES as readonly string[]).includes(text)
}

/** Whether everything that `inner` reaches is also reached by `outer`. */
export function scopeCovers(outer: Scope, inner: Scope): boolean {
  return SCOPES.indexOf(outer) >= SCOPES.indexOf(inner)
}

/** Whether a scope (or a share) of `scope` reaches a node that stands in `relation` to us. */
export function scopeReaches(scope: Scope, relation: Relation): boolean {
  return scopeCovers(scope, SCOPE_NEEDED[relation])
}

/** The narrower of two scopes. */
export function narrowerScope(a: Scope, b: Scope): Scope {
  return scopeCovers(a, b) ? b : a
}
