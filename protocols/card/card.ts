/** A node's signed description of itself. */
import type { Model } from '../../core/model/model.ts'
import type { QueryType } from '../../core/query/query.ts'
import type { Scope } from '../../core/scope.ts'
import type { FederationProof } from './federation-certificate.ts'

export interface CardRealm {
  readonly name: string
  /** The type of query for which the realm is the primary one. */
  readonly queryType: QueryType
}

export interface CardModel {
  readonly realm: string
  readonly model: Model
  readonly slots: number
}

/** That its owner wants the node to be named in public. */
export interface CardListing {
  /** How they are reached; empty: not said. Proves nothing. */
  readonly contact: string
}

/** A membership with the certificate that proves it. */
export interface CardFederation extends FederationProof {
  readonly certificate: Uint8Array
}

export interface Card {
  readonly peerId: string
  readonly network: string
  /** Of the daemon. */
  readonly version: string
  /** What the owner calls the node; proves nothing. */
  readonly name: string
  /** What the owner calls the federation; proves nothing. */
  readonly label: string
  readonly realms: readonly CardRealm[]
  readonly models: readonly CardModel[]
  /** Whose queries the node serves. */
  readonly share: Scope
  /** Multiaddrs at which the node can be dialled. */
  readonly addresses: readonly string[]
  /** UDP port at which the node tells others where they are seen; absent where it does not. */
  readonly stun?: number
  /** Of an opened card: proved when it was opened, and as long as `notAfter` lies ahead. */
  readonly federation?: CardFederation
  /** Absent, as by default: registries tell nothing that names it. */
  readonly listing?: CardListing
  /** Grows with each card of one node, over restarts too. */
  readonly seq: number
  /** Wall clock, milliseconds. */
  readonly issuedAt: number
}
