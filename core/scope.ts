/** Where a query may go, and whose queries a node serves: the same four words, each wider than the one before. */
export const SCOPES = ['local', 'home', 'friends', 'public'] as const

/**
 * `local`: this node only. `home`: own federation. `friends`: listed peers and federations. `public`: everyone in the
 * network.
 */
export type Scope = (typeof SCOPES)[number]

/**
 * Whose query it is. `own`: it began on this node. Otherwise what the node that handed it to us is to us, as its card
 * proves: a member of our federation, a listed friend, or neither. It is told at the door and carried on; nothing
 * guesses it from the query.
 */
export type Asker = 'own' | 'home' | 'friend' | 'stranger'

/** All of them, closest first. */
export const ASKERS: readonly Asker[] = ['own', 'home', 'friend', 'stranger']

/** What another node, or another federation's host, is to us. */
export const RELATIONS = ['home', 'friend', 'stranger'] as const satisfies readonly Asker[]
export type Relation = (typeof RELATIONS)[number]

/** Whether `text` is one of them. */
export function isRelation(text: unknown): text is Relation {
  return typeof text === 'string' && (RELATIONS as readonly string[]).includes(text)
}

/** The narrowest scope that reaches each. */
const SCOPE_NEEDED: Readonly<Record<Asker, Scope>> = {
  own: 'local',
  home: 'home',
  friend: 'friends',
  stranger: 'public',
}

/** Whether `text` is one of the four scopes. */
export function isScope(text: unknown): text is Scope {
  return typeof text === 'string' && (SCOPES as readonly string[]).includes(text)
}

/** Whether everything that `inner` reaches is also reached by `outer`. */
export function scopeCovers(outer: Scope, inner: Scope): boolean {
  return SCOPES.indexOf(outer) >= SCOPES.indexOf(inner)
}

/** Whether a scope, or what is shared with a scope, reaches `asker`. The node's own users are inside every scope. */
export function scopeReaches(scope: Scope, asker: Asker): boolean {
  return scopeCovers(scope, SCOPE_NEEDED[asker])
}

/** The narrower of two scopes. */
export function narrowerScope(a: Scope, b: Scope): Scope {
  return scopeCovers(a, b) ? b : a
}
