/**
 * Which model of a worker a query gets: the one it names, or for `auto` the best that fits. Never another than the one
 * named.
 */
import type { Model } from '../../core/model/model.ts'
import { isAutoModel, unalias } from '../../core/model/model-name.ts'
import type { Asker } from '../../core/scope.ts'
import { type ModelRules, modelAllowed } from '../owner/model-rules.ts'
import type { ModelTable } from '../worker/model-table.ts'
import { closestOf, type Misfit, misfit, type QueryNeeds } from './query-needs.ts'

export type Match =
  | { readonly kind: 'fit'; readonly model: Model }
  | { readonly kind: 'misfit'; readonly misfit: Misfit }
  /** The worker does not offer it. */
  | { readonly kind: 'none' }

/** Rules of the realm and of the worker, in the order in which aliases are looked up. */
export interface MatchRules {
  readonly realm: ModelRules | undefined
  readonly worker: ModelRules | undefined
}

const NONE: Match = { kind: 'none' }

/**
 * An alias is the owner's own arrangement: it holds for this node and its federation. To others a name means the model
 * that bears it, so that nobody is given a small model under a large one's name.
 */
function aliasesHold(asker: Asker): boolean {
  return asker === 'own' || asker === 'home'
}

/** The model that `wanted` gets from this worker. */
export function matchModel(
  table: ModelTable,
  wanted: string,
  needs: QueryNeeds,
  rules: MatchRules,
  asker: Asker,
): Match {
  return isAutoModel(wanted) ? autoModel(table, needs, rules) : namedModel(table, wanted, needs, rules, asker)
}

function namedModel(table: ModelTable, wanted: string, needs: QueryNeeds, rules: MatchRules, asker: Asker): Match {
  const model = table.find(wanted) ?? aliasedModel(table, wanted, rules, asker)
  if (model === undefined || !modelAllowed(rules.realm, model.name)) return NONE
  const missing = misfit(model, needs)
  return missing === undefined ? { kind: 'fit', model } : { kind: 'misfit', misfit: missing }
}

/** A model's own name is stronger than an alias of the same spelling. */
function aliasedModel(table: ModelTable, wanted: string, rules: MatchRules, asker: Asker): Model | undefined {
  if (!aliasesHold(asker)) return undefined
  const target = unalias(rules.realm?.aliases, wanted) ?? unalias(rules.worker?.aliases, wanted)
  return target === undefined ? undefined : table.find(target)
}

function autoModel(table: ModelTable, needs: QueryNeeds, rules: MatchRules): Match {
  const able = table.all.filter((model) => model.types.includes(needs.type) && modelAllowed(rules.realm, model.name))
  const fit = able.filter((model) => misfit(model, needs) === undefined)
  const model = fit.find(({ name }) => table.isWarm(name)) ?? fit[0]
  if (model !== undefined) return { kind: 'fit', model }
  const missing = closestOf(able.flatMap((each) => misfit(each, needs) ?? []))
  return missing === undefined ? NONE : { kind: 'misfit', misfit: missing }
}

/** A model and the name under which it is asked for: its own, or an alias. */
export interface NamedModel {
  readonly name: string
  readonly model: Model
}

/**
 * The models of a worker as the asker may name them: under their own names, and the aliases that hold for that asker.
 */
export function namedModels(table: ModelTable, rules: MatchRules, asker: Asker): readonly NamedModel[] {
  const usable = (model: Model): boolean => modelAllowed(rules.realm, model.name)
  const own = table.all.filter(usable).map((model) => ({ name: model.name, model }))
  if (!aliasesHold(asker)) return own
  const aliases = Object.entries({ ...rules.worker?.aliases, ...rules.realm?.aliases })
  return own.concat(
    aliases.flatMap(([name, target]) => {
      const model = table.find(target)
      return model !== undefined && usable(model) && table.find(name) === undefined ? [{ name, model }] : []
    }),
  )
}
