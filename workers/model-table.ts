/** The models of one worker: found by any spelling of their name, each with its rates and whether it is in memory. */
import type { Model } from '../core/model.ts'
import { canonicalModelName } from '../core/model-name.ts'
import type { QueryType } from '../core/query.ts'
import type { EngineLoad } from './engine.ts'
import { observe, type Rates, type ServedSample } from './model-rates.ts'
import { type ModelRules, modelAllowed } from './model-rules.ts'

interface Row {
  readonly model: Model
  rates: Rates
}

/** What of the settings decides which models are used. */
export interface ModelTableRules {
  readonly models?: ModelRules | undefined
  readonly types?: readonly QueryType[] | undefined
}

export class ModelTable {
  #rules: ModelTableRules
  #offered: readonly Model[] = []
  #used: readonly Model[] = []
  #types: ReadonlySet<QueryType> = new Set()
  #rows = new Map<string, Row>()
  /** Canonical names in memory; undefined when the engine does not tell. */
  #warm: ReadonlySet<string> | undefined
  #reported: Rates = {}

  constructor(rules: ModelTableRules) {
    this.#rules = rules
  }

  /** The models that are used, in the engine's order, with only the types that are used. */
  get all(): readonly Model[] {
    return this.#used
  }

  /** Whether some model serves the type; before the models are known, whether the owner lets them. */
  mayServe(type: QueryType): boolean {
    return this.#used.length > 0 ? this.#types.has(type) : (this.#rules.types?.includes(type) ?? true)
  }

  find(name: string): Model | undefined {
    return this.#rows.get(canonicalModelName(name))?.model
  }

  /** Whether the model is in memory. An engine that does not tell is taken to hold what it offers. */
  isWarm(name: string): boolean {
    return this.#warm === undefined || this.#warm.has(canonicalModelName(name))
  }

  /** What was measured of the model; where nothing was, what the engine says of itself. */
  rates(name: string): Rates {
    return { ...this.#reported, ...this.#rows.get(canonicalModelName(name))?.rates }
  }

  observe(sample: ServedSample): void {
    const row = this.#rows.get(canonicalModelName(sample.model))
    if (row !== undefined) row.rates = observe(row.rates, sample)
  }

  /** Takes over what the engine offers now. Rates of models that stay are kept. Returns whether anything changed. */
  offer(models: readonly Model[]): boolean {
    const before = JSON.stringify(this.#used)
    this.#offered = models
    this.#rebuild()
    return JSON.stringify(this.#used) !== before
  }

  configure(rules: ModelTableRules): void {
    this.#rules = rules
    this.#rebuild()
  }

  report({ warmModels, decodeRate, prefillRate }: EngineLoad): void {
    this.#warm = warmModels === undefined ? undefined : new Set(warmModels.map(canonicalModelName))
    this.#reported = {
      ...(decodeRate !== undefined && decodeRate > 0 && { decode: decodeRate }),
      ...(prefillRate !== undefined && prefillRate > 0 && { prefill: prefillRate }),
    }
  }

  /** The model has just served: it is in memory until the engine says otherwise. */
  markWarm(name: string): void {
    if (this.#warm === undefined || this.isWarm(name)) return
    this.#warm = new Set([...this.#warm, canonicalModelName(name)])
  }

  #rebuild(): void {
    const { types } = this.#rules
    this.#used = this.#offered
      .filter(({ name }) => modelAllowed(this.#rules.models, name))
      .map((model) =>
        types === undefined ? model : { ...model, types: model.types.filter((type) => types.includes(type)) },
      )
      .filter((model) => model.types.length > 0)
    this.#types = new Set(this.#used.flatMap((model) => model.types))
    const before = this.#rows
    this.#rows = new Map(
      this.#used.map((model) => {
        const name = canonicalModelName(model.name)
        return [name, { model, rates: before.get(name)?.rates ?? {} }]
      }),
    )
  }
}
