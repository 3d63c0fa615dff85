/** What the router knows of a peer from its card: who it is to us, whom it serves, and which models it offers in which realm. */
import type { Model } from '../../core/model/model.ts'
import type { Relation, Scope } from '../../core/scope.ts'

/** One model as a peer offers it in one realm. */
export interface RoutingModel {
  readonly model: Model
  readonly realm: string
  /** Queries at once, as the card says; a load record outranks it. */
  readonly slots: number
}

export interface RoutingNode {
  /** Peer id. */
  readonly id: string
  /** What the peer is to us. Taken to be the same the other way round. */
  readonly relation: Relation
  /** Whose queries its workers serve. */
  readonly share: Scope
  readonly connected: boolean
  readonly models: readonly RoutingModel[]
}
