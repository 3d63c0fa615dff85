/** What a host says of itself, and the models that are made of it. Pure. */
import { cleanText } from '../../core/clean-text.ts'
import { defined } from '../../core/defined.ts'
import type { Model } from '../../core/model/model.ts'
import type { QueryType } from '../../core/query/query.ts'
import { garbage } from '../http/http-errors.ts'
import { asCount, asObject, asString, type JsonObject, objectsOf, stringsOf } from '../http/json-shape.ts'

/** The kind of engine that a host is. */
export const HOST_KIND = 'rentahal-host'

/** Types of queries that go to hosts of other federations: those that RENT-A-HAL knows. */
export const HOST_QUERY_TYPES = ['chat', 'vision', 'imagine'] as const satisfies readonly QueryType[]
export type HostQueryType = (typeof HOST_QUERY_TYPES)[number]

/** Whether queries of the type go to hosts. */
export function isHostQueryType(type: string): type is HostQueryType {
  return (HOST_QUERY_TYPES as readonly string[]).includes(type)
}

/** Models of one host that are taken: more than a home has, and no flood. */
export const MAX_HOST_MODELS = 256

/** Longest name of a federation or model that is taken from a host. */
const MAX_NAME_LENGTH = 128

export interface HostState {
  readonly federationId: string
  readonly models: readonly Model[]
  /** Queries at once, where the host tells. */
  readonly slots?: number
}

/** Reads `GET /api/federation/status`. Throws `ENGINE_GARBAGE`. */
export function readHostState(told: JsonObject): HostState {
  const id = asString(told['federation_id'])
  if (id === undefined || id === '') throw garbage(HOST_KIND, 'a status without a federation_id')
  const federationId = cleanText(id, MAX_NAME_LENGTH)
  const own = asObject(told['realmesh'])
  const slots = asCount(own?.['slots'])
  return {
    federationId,
    models: own === undefined ? modelOfRealms(federationId, told) : namedModels(own),
    ...(slots !== undefined && slots > 0 && { slots }),
  }
}

/**
 * RENT-A-HAL tells realms and their workers, no models: it stands for one, under its own name, that serves what has
 * workers.
 */
function modelOfRealms(federationId: string, told: JsonObject): readonly Model[] {
  const types = objectsOf(told['realms'])
    .filter(({ workers }) => (asCount(workers) ?? 0) > 0)
    .flatMap((realm) => asString(realm['primary_type']) ?? [])
    .filter(isHostQueryType)
  return types.length === 0 ? [] : [hostModel(`federation/${federationId}`, [...new Set(types)])]
}

/** realmesh tells its models beside. */
function namedModels(own: JsonObject): readonly Model[] {
  return objectsOf(own['models'])
    .slice(0, MAX_HOST_MODELS)
    .flatMap((row) => {
      const name = cleanText(asString(row['name']) ?? '', MAX_NAME_LENGTH)
      const types = stringsOf(row['types']).filter(isHostQueryType)
      const contextLength = asCount(row['context_length'])
      return name === '' || types.length === 0 ? [] : [{ ...hostModel(name, types), ...defined({ contextLength }) }]
    })
}

function hostModel(name: string, types: readonly HostQueryType[]): Model {
  return {
    name,
    types,
    capabilities: {
      vision: types.includes('vision'),
      ...{ tools: false, reasoning: false, structured: false, prefill: false },
    },
  }
}
