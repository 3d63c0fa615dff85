/** The models of one worker: found by any spelling of their name, each with its rates and whether it is in memory. */
import type { Model } from '../../core/model/model.ts'
import { canonicalModelName } from '../../core/model/model-name.ts'
import type { QueryType } from '../../core/query/query.ts'
import type { EngineLoad } from '../../engines/adapter/engine.ts'
import { type ModelRules, modelAllowed } from '../owner/model-rules.ts'
import { observe, type Rates, type ServedSample } from './model-rates.ts'

interface Row {
  readonly model: Model
  rates: Rates
}

/** What of the settings decides which models are used. */
export interface ModelTableRules {
  readonly models?: ModelRules | undefined
  readonly types?: readonly QueryType[] | undefined
}

const NOTHING: Rates = {}

export class ModelTable {
  #rules: ModelTableRules
  #offered: readonly Model[] = []
  #used: readonly Model[] = []
  #types: ReadonlySet<QueryType> = new Set()
  #rows = new Map<string, Row>()
  /** Canonical names in memory; undefined when the engine does not tell. */
  #warm: ReadonlySet<string> | undefined
  #reported: Rates = NOTHING
  #revision = 0

  constructor(rules: ModelTableRules) {
    this.#rules = rules
  }

  /** Grows whenever the models, or which of them are in memory, change. */
  get revision(): number {
    return this.#revision
  }

  /** The models that are used, in the engine's order, with only the types that are used. */
  get all(): readonly Model[] {
    return this.#used
  }

  /** Whether some model serves the type; before the models are known, whether the owner lets them. */
  mayServe(type: QueryType): boolean {
    return this.#used.length > 0 ? this.#types.has(type) : (this.#rules.types?.includes(type) ?? true)
  }

  /** Whether pictures are all that its models make; false before the models are known. */
  get drawsOnly(): boolean {
    return this.#types.size === 1 && this.#types.has('imagine')
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
    const rates = this.#rows.get(canonicalModelName(name))?.rates
    return this.#reported === NOTHING ? (rates ?? NOTHING) : { ...this.#reported, ...rates }
  }

  observe(sample: ServedSample): void {
    const row = this.#rows.get(canonicalModelName(sample.model))
    if (row !== undefined) row.rates = observe(row.rates, sample)
  }

  /** Takes over what the engine offers now. Rates of models that stay are kept. */
  offer(models: readonly Model[]): void {
    this.#offered = models
    this.#rebuild()
  }

  configure(rules: ModelTableRules): void {
    this.#rules = rules
    this.#rebuild()
  }

  report({ warmModels, decodeRate, prefillRate }: EngineLoad): void {
    this.#setWarm(warmModels === undefined ? undefined : new Set(warmModels.map(canonicalModelName).sort()))
    const reported: Rates = {
      ...(decodeRate !== undefined && decodeRate > 0 && { decode: decodeRate }),
      ...(prefillRate !== undefined && prefillRate > 0 && { prefill: prefillRate }),
    }
    this.#reported = Object.keys(reported).length === 0 ? NOTHING : reported
  }

  /** The model has just served: it is in memory until the engine says otherwise. */
  markWarm(name: string): void {
    if (this.#warm === undefined || this.isWarm(name)) return
    this.#setWarm(new Set([...this.#warm, canonicalModelName(name)].sort()))
  }

  #setWarm(warm: ReadonlySet<string> | undefined): void {
    const told = (names: ReadonlySet<string> | undefined): string => (names === undefined ? '' : [...names].join('|'))
    if ((warm === undefined) !== (this.#warm === undefined) || told(warm) !== told(this.#warm)) this.#revision += 1
    this.#warm = warm
  }

  #rebuild(): void {
    const { types } = this.#rules
    const told = JSON.stringify(this.#used)
    this.#used = this.#offered
      .filter(({ name }) => modelAllowed(this.#rules.models, name))
      .map((model) =>
        types === undefined ? model : { ...model, types: model.types.filter((type) => types.includes(type)) },
      )
      .filter((model) => model.types.length > 0)
    if (JSON.stringify(this.#used) !== told) this.#revision += 1
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
