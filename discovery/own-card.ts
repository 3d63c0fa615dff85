/** The own card as others get it: sealed once, kept until it changes, with a number that grows over restarts. */
import type { PrivateKey } from '@libp2p/interface'
import type { Clock } from '../core/run/clock.ts'
import type { CardContent } from '../protocols/card/card-codec.ts'
import { sealCard } from '../protocols/card/sealed-card.ts'
import { isBuiltIn } from './dht/advertised-names.ts'

/** What the node says of itself; number, time and network are added here. */
export type CardFacts = Omit<CardContent, 'network' | 'seq' | 'issuedAt'>

export interface OwnCardComponents {
  readonly privateKey: PrivateKey
  readonly clock: Clock
  /** The facts as they are now. Models that are built in are left out of the card. */
  facts(): CardFacts
}

export interface OwnCardInit {
  readonly network: string
}

export class OwnCard {
  readonly #components: OwnCardComponents
  readonly #network: string
  #seq = 0
  #sealed: Promise<Uint8Array> | undefined

  constructor(components: OwnCardComponents, init: OwnCardInit) {
    this.#components = components
    this.#network = init.network
  }

  /** The facts changed: the next reader gets a new card. */
  changed(): void {
    this.#sealed = undefined
  }

  /** The sealed card. */
  sealed(): Promise<Uint8Array> {
    this.#sealed ??= this.#seal().catch((error: unknown) => {
      this.#sealed = undefined // the next reader tries again
      throw error
    })
    return this.#sealed
  }

  #seal(): Promise<Uint8Array> {
    const { privateKey, clock } = this.#components
    const facts = this.#components.facts()
    const models = facts.models.filter(({ model }) => !isBuiltIn(model.name))
    const issuedAt = clock.wall()
    this.#seq = Math.max(this.#seq + 1, Math.trunc(issuedAt)) // grows over restarts too
    return sealCard({ ...facts, models, network: this.#network, seq: this.#seq, issuedAt }, privateKey)
  }
}
