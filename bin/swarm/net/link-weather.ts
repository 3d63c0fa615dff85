/** What becomes of a frame between two links: delay and loss, drawn from a seed. Pure but for the draws. */
import type { LinkConditions } from '../topology/topology-schema.ts'

const FAIR: LinkConditions = { latency_ms: 0, jitter_ms: 0, loss: 0 }

/** A small generator (mulberry32): the same seed, the same numbers; good enough for dice. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export class LinkWeather {
  readonly #seed: number
  readonly #dice = new Map<number, () => number>()
  readonly #links = new Map<number, LinkConditions>()
  #all: LinkConditions = FAIR
  /** The group of each link while the network is parted; a link in none reaches all. */
  #groups = new Map<number, number>()

  constructor(seed: number) {
    this.#seed = seed
  }

  /** Of every way. */
  setAll(conditions: LinkConditions): void {
    this.#all = conditions
  }

  /** Of one link, on top of those of every way. */
  setLink(link: number, conditions: LinkConditions): void {
    this.#links.set(link, conditions)
  }

  part(groups: readonly (readonly number[])[]): void {
    this.#groups = new Map(groups.flatMap((links, group) => links.map((link) => [link, group] as const)))
  }

  /** Milliseconds until the frame arrives; undefined when it never does. `exempt`: only a parting stops it. */
  delay(from: number, to: number, exempt = false): number | undefined {
    const [a, b] = [this.#groups.get(from), this.#groups.get(to)]
    if (a !== undefined && b !== undefined && a !== b) return undefined
    if (exempt) return 0
    const ways = [this.#all, this.#links.get(from) ?? FAIR, this.#links.get(to) ?? FAIR]
    const draw = this.#diceOf(from, to)
    const arrives = ways.reduce((chance, { loss }) => chance * (1 - loss), 1)
    if (draw() >= arrives) return undefined
    const jitter = ways.reduce((sum, { jitter_ms }) => sum + jitter_ms, 0)
    const delay = ways.reduce((sum, { latency_ms }) => sum + latency_ms, 0)
    return Math.max(0, delay + (jitter === 0 ? 0 : (draw() * 2 - 1) * jitter))
  }

  /** Each direction of each pair has dice of its own: the fate of its n-th frame depends on no other traffic. */
  #diceOf(from: number, to: number): () => number {
    const key = from * 65_536 + to
    let dice = this.#dice.get(key)
    if (dice === undefined) {
      dice = seeded(this.#seed * 31 + key)
      this.#dice.set(key, dice)
    }
    return dice
  }
}
