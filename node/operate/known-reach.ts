/**
 * What is known of models that cannot be chosen now, read off the own workers and the cards and statements of peers.
 */
import type { Model } from '../../core/model/model.ts'
import { isAutoModel, sameModel } from '../../core/model/model-name.ts'
import type { Query } from '../../core/query/query.ts'
import type { Clock } from '../../core/run/clock.ts'
import { type Scope, scopeReaches } from '../../core/scope.ts'
import { believedLoad, type PeerEntry, servesUs } from '../../discovery/peers/peer-entry.ts'
import type { PeerTable } from '../../discovery/peers/peer-table.ts'
import { closestOf, type Misfit, misfit, needsOf } from '../../workers/pool/query-needs.ts'
import type { MatchedWorker } from '../../workers/pool/realm-candidates.ts'
import type { ModelReach, Trouble } from '../route/why-no-place.ts'
import type { KnownModelsComponents } from './known-models.ts'
import { listedModels, lostOffers, unsharedOffers } from './known-models.ts'

export interface KnownReachComponents extends KnownModelsComponents {
  readonly peers: PeerTable
  readonly clock: Clock
  /** Whether a model could serve the query. */
  readonly fits: (model: Model, query: Query) => boolean
}

/** Reads everything anew at each call: it is asked only for queries that have no place. */
export class KnownReach implements ModelReach {
  readonly #components: KnownReachComponents
  readonly #self: string

  /** `self`: this node's peer id. */
  constructor(components: KnownReachComponents, { self }: { readonly self: string }) {
    this.#components = components
    this.#self = self
  }

  isOffered(query: Query, scope: Scope): boolean {
    const { fits } = this.#components
    return (
      listedModels(this.#components, scope, this.#self).some(({ model }) => fits(model, query)) ||
      this.#own(query).some(({ match }) => match.kind === 'fit') ||
      this.#serving(scope).some((entry) => this.#saysDown(entry, query))
    )
  }

  wasOffered(query: Query, scope: Scope): boolean {
    const { peers, clock, fits } = this.#components
    return lostOffers(peers, scope, clock.monotonic(), (model) => fits(model, query))
  }

  unshared(query: Query): number {
    const { peers, fits } = this.#components
    return unsharedOffers(peers, (model) => fits(model, query))
  }

  misfit(query: Query, scope: Scope): Misfit | undefined {
    const needs = needsOf(query)
    const lacks = (model: Model): Misfit | 'fits' => misfit(model, needs) ?? 'fits'
    const means = ({ name }: Model): boolean => isAutoModel(query.model) || sameModel(name, query.model)
    const theirs = this.#serving(scope).flatMap(({ card }) => card?.models ?? [])
    const verdicts = [
      ...theirs.filter(({ model }) => means(model)).map(({ model }) => lacks(model)),
      ...this.#own(query).flatMap((own) => ownVerdicts(own, query, lacks)),
    ]
    const misfits = verdicts.filter((verdict) => verdict !== 'fits')
    return misfits.length < verdicts.length ? undefined : closestOf(misfits)
  }

  troubles(query: Query, scope: Scope): readonly Trouble[] {
    const { clock, fits } = this.#components
    const now = clock.monotonic()
    const own = this.#own(query).flatMap(({ worker, match }) => {
      const reason = match.kind === 'fit' && worker.real ? worker.refusal('own')?.reason : undefined
      return reason === undefined ? [] : [{ reason: `${worker.name}: ${reason}`, wanted: false }]
    })
    const theirs = this.#serving(scope).flatMap((entry): Trouble[] => {
      const offers = entry.card?.models.some(({ model }) => fits(model, query)) === true
      if (!offers && !this.#saysDown(entry, query)) return []
      const load = believedLoad(entry, now)
      const name = (entry.card?.label ?? '') === '' ? 'a node' : entry.card?.label
      if (load?.paused === true) return [{ reason: `${name} is paused by its owner`, wanted: true }]
      if (load?.draining === true) return [{ reason: `${name} is about to stop`, wanted: false }]
      return [{ reason: `${name} is down or has failed this query`, wanted: false }]
    })
    return [...own, ...theirs]
  }

  isLoading(query: Query): boolean {
    const realms = this.#components.realms.list()
    return realms.some(({ config, workers }) => config.name === query.realm && workers.loading)
  }

  names(scope: Scope): readonly string[] {
    return listedModels(this.#components, scope, this.#self).map(({ model }) => model.name)
  }

  isServedByPeers(query: Query, scope: Scope): boolean {
    const { peers, clock } = this.#components
    const serves = ({ types }: Model): boolean => types.includes(query.type)
    return (
      this.#serving(scope).some(
        (entry) => entry.card?.models.some(({ model }) => serves(model)) === true || this.#saysDown(entry, query),
      ) || lostOffers(peers, scope, clock.monotonic(), serves)
    )
  }

  /**
   * Whether the peer states that it has such a model and no place for it: it is not on its card while paused or down.
   */
  #saysDown(entry: PeerEntry, query: Query): boolean {
    const load = believedLoad(entry, this.#components.clock.monotonic())
    const means = (name: string): boolean => isAutoModel(query.model) || sameModel(name, query.model)
    return load?.models.some(({ model, slots }) => slots === 0 && means(model)) === true
  }

  #own(query: Query): readonly MatchedWorker[] {
    return this.#components.realms.list().flatMap(({ workers }) => workers.matched(query))
  }

  /** Connected peers within the scope that serve us. */
  #serving(scope: Scope): readonly PeerEntry[] {
    if (scope === 'local') return []
    return [...this.#components.peers.entries()].filter(
      (entry) => entry.connected && scopeReaches(scope, entry.standing.relation) && servesUs(entry),
    )
  }
}

/** What an own worker's models say to a query; a built-in counts only where it is named. */
function ownVerdicts(
  { worker, match }: MatchedWorker,
  query: Query,
  lacks: (model: Model) => Misfit | 'fits',
): readonly (Misfit | 'fits')[] {
  const auto = isAutoModel(query.model)
  if (auto && !worker.real) return []
  if (match.kind === 'misfit') return [match.misfit]
  if (match.kind === 'fit') return ['fits']
  return auto ? worker.models.all.map(lacks) : []
}
