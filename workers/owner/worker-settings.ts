/** What the owner says about one worker. Everything but the name has a default. */

import type { Schedule } from '../../core/model/schedule.ts'
import type { QueryType } from '../../core/query/query.ts'
import type { Relation, Scope } from '../../core/scope.ts'
import type { ModelRules } from './model-rules.ts'

export interface WorkerSettings {
  /** Unique on this node. */
  readonly name: string
  /** Queries at once. @default what the engine says, else its kind's default */
  readonly slots?: number | undefined
  /** Share of the work beside other workers, for the strategies that spread it. @default 1 */
  readonly weight?: number | undefined
  readonly models?: ModelRules | undefined
  /** Only these types of query. @default all that its models serve */
  readonly types?: readonly QueryType[] | undefined
  /** Only these realms. @default all whose types it serves */
  readonly realms?: readonly string[] | undefined
  /** Pool that it is a member of, by name. */
  readonly pool?: string | undefined
  /**
   * Widest circle of askers. @default `local` for cloud engines and built-ins, else `public`: the node's `share`
   * decides
   */
  readonly scope?: Scope | undefined
  /**
   * The engine is a host of another federation, and what that is to this node: own queries alone go there, and only
   * where their scope reaches it. @default an engine of this node's
   */
  readonly host?: Relation | undefined
  /** Hours in which it serves other nodes. @default always */
  readonly schedule?: Schedule | undefined
  /** Serves other nodes only while nobody else uses the GPU. @default false */
  readonly idleOnly?: boolean | undefined
  /** Serves other nodes only while at least this much VRAM is free on some GPU, in bytes. */
  readonly minVramFreeBytes?: number | undefined
  /** Serves other nodes only while every GPU is at most this hot, in degrees Celsius. */
  readonly maxTemperatureC?: number | undefined
}
