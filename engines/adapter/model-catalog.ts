/** The models an engine listed last, by name: what `run` checks a query against without asking the engine again. */
import type { Model } from '../../core/model/model.ts'

/** Models that one engine may list; a stranger's endpoint cannot fill the memory with names. */
export const MAX_MODELS_PER_ENGINE = 1_000

export class ModelCatalog {
  #models: ReadonlyMap<string, Model> = new Map()

  /** Keeps the list, cut to the bound, and returns it. */
  replace(models: readonly Model[]): readonly Model[] {
    const kept = models.slice(0, MAX_MODELS_PER_ENGINE)
    this.#models = new Map(kept.map((model) => [model.name, model]))
    return kept
  }

  get(name: string): Model | undefined {
    return this.#models.get(name)
  }
}
