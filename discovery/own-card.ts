/** The own card as others get it: sealed once, kept until it changes, with a number that grows over restarts. */
import { isDeepStrictEqual } from 'node:util'
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

/** What the card says, and the number under which it says so. */
interface Edition {
  readonly seq: number
  readonly facts: CardFacts
}

export class OwnCard {
  readonly #components: OwnCardComponents
  readonly #network: string
  #seq = 0
  #edition: Edition | undefined
  #sealed: Promise<Uint8Array> | undefined

  constructor(components: OwnCardComponents, init: OwnCardInit) {
    this.#components = components
    this.#network = init.network
  }

  /**
   * The number of the card that the next reader gets: it is another one when the facts are others. Throws as `facts()`
   * does.
   */
  get seq(): number {
    return this.#current().seq
  }

  /** The facts may have changed: if they did, the next reader gets a new card. */
  changed(): void {
    if (this.#edition === undefined || isDeepStrictEqual(this.#edition.facts, { ...this.#components.facts() })) return
    this.#edition = undefined
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

  #current(): Edition {
    if (this.#edition === undefined) {
      const facts = { ...this.#components.facts() }
      this.#seq = Math.max(this.#seq + 1, Math.trunc(this.#components.clock.wall())) // grows over restarts too
      this.#edition = { seq: this.#seq, facts }
    }
    return this.#edition
  }

  async #seal(): Promise<Uint8Array> {
    const { privateKey, clock } = this.#components
    const { seq, facts } = this.#current()
    const models = facts.models.filter(({ model }) => !isBuiltIn(model.name))
    return await sealCard({ ...facts, models, network: this.#network, seq, issuedAt: clock.wall() }, privateKey)
  }
}
