/** Why a query has no place: the cause that says most about what would help, in words for its author. */

import { canonicalModelName, isAutoModel } from '../../core/model/model-name.ts'
import { nearest } from '../../core/nearest.ts'
import type { Query } from '../../core/query/query.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { SCOPES, type Scope, scopeCovers } from '../../core/scope.ts'
import { engineWanted, type Misfit, misfitError, noneFits } from '../../workers/pool/query-needs.ts'

/** What is known of who has which models, beside what can be chosen now. */
export interface ModelReach {
  /** Whether any node, this or a connected one, has what a query of this scope needs, busy and broken ones included. */
  isOffered(query: Query, scope: Scope): boolean
  /** Whether a node that was lost lately did. */
  wasOffered(query: Query, scope: Scope): boolean
  /** How many nodes offer the model but do not serve us. */
  unshared(query: Query): number
  /** What the closest of the models lacks that the query may mean; undefined when there is none, or one that fits. */
  misfit(query: Query, scope: Scope): Misfit | undefined
  /** Why those who have the model do not serve now, one reason each, as far as it is known. */
  troubles(query: Query, scope: Scope): readonly Trouble[]
  /** Whether an engine of this node still loads a model that nobody knows yet. */
  isLoading(query: Query): boolean
  /** Names of all models within the scope. */
  names(scope: Scope): readonly string[]
  /** Whether an engine of a peer, connected or lost lately, serves the type, so that no built-in may stand in. */
  isServedByPeers(query: Query, scope: Scope): boolean
}

/** Why one worker or node does not serve. */
export interface Trouble {
  readonly reason: string
  /** Its owner wants it so: asking again is of no use. */
  readonly wanted: boolean
}

/** Between two questions whether an engine has loaded. */
const LOADING_PAUSE_MS = 500
/** Reasons that one message names. */
const MAX_REASONS = 3

/** `searchedMs`: for how long the network was searched for the model; 0 when it was searched a moment ago. */
export function whyNoPlace(query: Query, reach: ModelReach, searchedMs: number | undefined): RealmeshError {
  const auto = isAutoModel(query.model)
  const asked = auto ? `a model for ${query.type}` : `the model ${query.model}`
  const isOffered = (scope: Scope): boolean => reach.isOffered(query, scope) || reach.wasOffered(query, scope)
  if (isOffered(query.scope)) return notNow(asked, reach.troubles(query, query.scope))
  const wider = SCOPES.find((scope) => !scopeCovers(query.scope, scope) && isOffered(scope))
  if (wider !== undefined) return outside(asked, query.scope, wider)
  const unshared = reach.unshared(query)
  if (unshared > 0) return notForUs(asked, unshared)
  const lack = reach.misfit(query, query.scope)
  if (lack !== undefined) return auto ? noneFits(lack, query.type) : misfitError(lack)
  if (reach.isLoading(query)) return stillLoading()
  if (auto) {
    return new RealmeshError('NO_WORKER', `no node within reach offers ${asked}`, { fix: engineWanted(query.type) })
  }
  return unheardOf(query, reach, searchedMs)
}

function notNow(asked: string, troubles: readonly Trouble[]): RealmeshError {
  const reasons = [...new Set(troubles.map(({ reason }) => reason))].slice(0, MAX_REASONS)
  if (reasons.length === 0) {
    return new RealmeshError('NO_WORKER', `every node that offers ${asked} is down or has failed this query`, {
      fix: 'try again in a moment; `realmesh peers` shows who is well',
    })
  }
  const wanted = troubles.every((trouble) => trouble.wanted)
  return new RealmeshError('NO_WORKER', `nothing serves ${asked} now: ${reasons.join('; ')}`, {
    fix: wanted ? 'ask its owner, or name another model' : '`realmesh engines` and `realmesh peers` show who is well',
    ...(wanted && { retryable: false }),
  })
}

function outside(asked: string, scope: Scope, wider: Scope): RealmeshError {
  return new RealmeshError('NO_WORKER', `only nodes outside the scope ${scope} offer ${asked}`, {
    fix: `widen the scope to ${wider} (x-realmesh-scope: ${wider}) if their owners may see the prompt`,
    retryable: false,
  })
}

function notForUs(asked: string, unshared: number): RealmeshError {
  const who =
    unshared === 1
      ? `the only node that offers ${asked} serves its`
      : `all ${unshared} nodes that offer ${asked} serve their`
  return new RealmeshError('SHARE_REFUSED', `${who} own federation or friends only`, {
    fix: 'ask the owner to list this node as a friend, or join with the federation key',
    retryable: false,
  })
}

function stillLoading(): RealmeshError {
  return new RealmeshError('ENGINE_LOADING', 'an engine of this node still loads its model', {
    retryAfterMs: LOADING_PAUSE_MS,
    fix: 'ask again in a moment; `realmesh status` shows which it is',
  })
}

function unheardOf({ model, scope }: Query, reach: ModelReach, searchedMs: number | undefined): RealmeshError {
  const near = nearestModel(model, reach.names(scope))
  const lists = '`realmesh models` lists what there is'
  return new RealmeshError(
    'MODEL_NOT_FOUND',
    `no node within reach offers the model ${model}${searchWords(searchedMs)}`,
    {
      fix: near === undefined ? lists : `did you mean ${near}? ${lists}`,
    },
  )
}

/** The model that was probably meant; its tag may have been left out. */
function nearestModel(wanted: string, names: readonly string[]): string | undefined {
  const canonical = names.map(canonicalModelName)
  const base = (name: string): string => name.split(':')[0] ?? name
  const near = nearest(wanted, canonical)
  if (near !== undefined) return near
  const nearBase = nearest(wanted, canonical.map(base))
  return canonical.find((name) => base(name) === nearBase)
}

function searchWords(searchedMs: number | undefined): string {
  if (searchedMs === undefined) return ''
  return searchedMs === 0
    ? '; the network was searched for it a moment ago'
    : `; searched the network for ${(searchedMs / 1_000).toFixed(1)} s`
}
