/** What a model can do because of the engine that runs it: as the table of fields has it. */
import type { EngineKind } from '../../core/model/engine-kind.ts'
import type { ModelCapabilities } from '../../core/model/model.ts'
import { fateOf, type RequestField } from '../../core/model/request-fields.ts'

const ABILITY_OF: Readonly<Record<'logprobs' | 'raw' | 'infill' | 'grammar', RequestField>> = {
  logprobs: 'logprobs',
  raw: 'prompt',
  infill: 'suffix',
  grammar: 'grammar',
}

/** The abilities that every chatting model of this kind has. */
export function kindAbilities(kind: EngineKind): Partial<ModelCapabilities> {
  const had = Object.entries(ABILITY_OF).filter(([, field]) => fateOf(field, kind) === 'passed')
  return Object.fromEntries(had.map(([ability]) => [ability, true]))
}
