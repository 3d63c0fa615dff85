/**
 * Who works for this node, as RENT-A-HAL's page lists it: the node's own workers and the peers that serve it, each once
 * for every type of query, under names of which none is there twice. Pure.
 */
import { sameModel } from '../../../core/model/model-name.ts'
import type { QueryType } from '../../../core/query/query.ts'
import type { ListedModel, NodeStatus, PeerStatus } from '../../../node/api/node-api.ts'
import { zonelessTime } from '../messages/told.ts'

/** The types that the page knows. */
export const SHOWN_TYPES = ['chat', 'vision', 'imagine'] as const satisfies readonly QueryType[]
export type ShownType = (typeof SHOWN_TYPES)[number]

/** A row of `worker_update`. */
export interface WorkerRow {
  readonly name: string
  /** `host:port` without a scheme; empty for a peer, whose address is its own business. */
  readonly address: string
  readonly type: ShownType
  /** 0 to 100. */
  readonly health_score: number
  readonly is_blacklisted: boolean
  readonly last_active: string
}

/** A row, and the model that its name stands for. */
export interface NamedWorker {
  readonly row: WorkerRow
  readonly model: string
}

/** A row of `huggingface_update`. */
export interface ModelRow {
  readonly name: string
  readonly type: ShownType
}

export interface WorkerRowsInit {
  readonly workers: NodeStatus['workers']
  readonly peers: readonly Pick<PeerStatus, 'id' | 'label' | 'connected' | 'models' | 'breaker' | 'successRate'>[]
  readonly models: readonly ListedModel[]
  /** Wall clock. */
  readonly at: number
}

export function workerRows({ workers, peers, models, at }: WorkerRowsInit): readonly NamedWorker[] {
  const taken = new Set<string>()
  const lastActive = zonelessTime(at)
  const rows = (
    own: Pick<WorkerRow, 'name' | 'address' | 'health_score' | 'is_blacklisted'>,
    names: readonly string[],
  ) =>
    byType(names, models).map(([type, model], index) => {
      const name = free(index === 0 ? own.name : `${own.name} (${type})`, taken)
      return { row: { ...own, name, type, last_active: lastActive }, model }
    })
  return [
    ...workers.flatMap(({ name, url, health, healthy, models: names }) =>
      rows({ name, address: hostOf(url), health_score: Math.round(health), is_blacklisted: !healthy }, names),
    ),
    ...peers
      .filter(({ connected }) => connected)
      .flatMap(({ label, models: names, breaker, successRate = 1 }) =>
        rows(
          { name: label, address: '', health_score: Math.round(100 * successRate), is_blacklisted: breaker === 'open' },
          names,
        ),
      ),
  ]
}

/** The models within reach, once for each type that the page knows. */
export function modelRows(models: readonly ListedModel[]): readonly ModelRow[] {
  return models.flatMap(({ model: { name, types } }) =>
    SHOWN_TYPES.filter((type) => types.includes(type)).map((type) => ({ name, type })),
  )
}

/** The types that some models are for, each with the first of them. What serves nothing that is known serves chat. */
function byType(names: readonly string[], models: readonly ListedModel[]): readonly (readonly [ShownType, string])[] {
  const found = SHOWN_TYPES.flatMap((type) => {
    const model = names.find((name) => models.some((each) => serves(each, name, type)))
    return model === undefined ? [] : [[type, model] as const]
  })
  return found.length > 0 ? found : [['chat', '']]
}

function serves({ model }: ListedModel, name: string, type: ShownType): boolean {
  return model.types.includes(type) && sameModel(model.name, name)
}

/** The page knows workers by their names, and peers choose their labels themselves. */
function free(name: string, taken: Set<string>): string {
  let wanted = name
  for (let count = 2; taken.has(wanted); count += 1) wanted = `${name} ${count}`
  taken.add(wanted)
  return wanted
}

function hostOf(url: string): string {
  return url.replace(/^[a-z]+:\/\//, '').replace(/\/.*$/, '')
}
