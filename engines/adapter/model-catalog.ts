/**
 * The models that an engine listed last, by name: what `run` checks a query against without asking the engine again. It
 * remembers what the engine refused to do although it seemed able, until it is started anew.
 */
import { defined } from '../../core/defined.ts'
import { windowOf } from '../../core/model/context-window.ts'
import type { Model } from '../../core/model/model.ts'
import { isModelName } from '../../core/model/model-name.ts'
import type { Query } from '../../core/query/query.ts'
import type { RealmeshError } from '../../core/realmesh-error.ts'
import { isLackingType, type Lack, lackShownBy } from './shown-lack.ts'

/** Models that one engine may list; a stranger's endpoint cannot fill the memory with names. */
export const MAX_MODELS_PER_ENGINE = 1_000

export class ModelCatalog {
  #models: ReadonlyMap<string, Model> = new Map()
  /** The engine's own names, of models that have another with us. */
  #ids: ReadonlyMap<string, string> = new Map()
  readonly #lacks = new Map<string, Set<Lack>>()

  /**
   * Keeps the list, cut to the bound and without names that nobody could ask for, and returns it with what was learnt.
   * `ids`: the engine's own name by ours, where they differ.
   */
  replace(models: readonly Model[], ids: ReadonlyMap<string, string> = new Map()): readonly Model[] {
    const kept = models
      .filter(({ name }) => isModelName(name))
      .slice(0, MAX_MODELS_PER_ENGINE)
      .map((model) => without(withWindow(model), this.#lacks.get(model.name)))
    this.#models = new Map(kept.map((model) => [model.name, model]))
    this.#ids = ids
    return kept
  }

  get(name: string): Model | undefined {
    return this.#models.get(name)
  }

  /** The engine's own name of a model. */
  idOf(name: string): string {
    return this.#ids.get(name) ?? name
  }

  /** Learns from a refusal what the model cannot do, for the next list. */
  learn(query: Query, refusal: RealmeshError): void {
    const lack = lackShownBy(query, refusal)
    if (lack === undefined || !this.#models.has(query.model)) return
    const known = this.#lacks.get(query.model) ?? new Set()
    this.#lacks.set(query.model, known.add(lack))
  }

  /** The engine is gone: when it is back it may be able to do more. */
  forgetLacks(): void {
    this.#lacks.clear()
  }
}

/** What an engine tells of its window is not known where it is no number of tokens. */
function withWindow({ contextLength, ...model }: Model): Model {
  return { ...model, ...defined({ contextLength: windowOf(contextLength) }) }
}

function without(model: Model, lacks: ReadonlySet<Lack> | undefined): Model {
  if (lacks === undefined) return model
  const capabilities = { ...model.capabilities }
  for (const lack of lacks) if (!isLackingType(lack)) capabilities[lack] = false
  return { ...model, capabilities, types: model.types.filter((type) => !isLackingType(type) || !lacks.has(type)) }
}
