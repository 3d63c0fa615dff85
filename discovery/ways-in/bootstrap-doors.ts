/**
 * The bootstrap peers that the owner and `bootstrap.json` name: addresses are held for ever, names are resolved first,
 * and again from time to time, for what they list may move.
 */
import { Resolver } from 'node:dns/promises'
import type { Multiaddr } from '@multiformats/multiaddr'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { Startable } from '../../core/run/startable.ts'
import { type BackOffRule, backOffMs, jittered } from '../contact/back-off.ts'
import { peerOf } from '../contact/bootstrap-list.ts'
import { type HeldPeer, KeepConnected, type KeepConnectedComponents } from '../contact/keep-connected.ts'
import { dnsaddrName, RESOLVER, resolveDnsaddr, type TxtResolver } from './dnsaddr.ts'
import type { NamePeer } from './first-peer.ts'

/** A name is asked again after this time; records of hosts that move are given out for five minutes as a rule. */
export const RESOLVE_AGAIN_MS = 5 * 60_000
/** A name that was not resolved: soon, for the line may only just have come up, then once a minute. */
const RESOLVE_FAILED: BackOffRule = { firstMs: 1_000, capMs: 60_000 }

export interface BootstrapDoorsComponents extends KeepConnectedComponents {
  /** Told of every address before it is dialled: the owner vouches for it. */
  readonly tell: (addresses: readonly Multiaddr[]) => void
  /** Told of every peer before it is dialled. */
  readonly name: NamePeer
  /** @default the system's name servers */
  readonly resolver?: TxtResolver
}

export interface BootstrapDoorsInit {
  /** Each names its peer, or is a `/dnsaddr/`; else the constructor throws `BAD_MULTIADDR`. */
  readonly addresses: readonly Multiaddr[]
  /** @default Math.random */
  readonly rng?: () => number
}

interface Name {
  readonly address: Multiaddr
  found: readonly Multiaddr[]
  failures: number
  cause: string | undefined
  cancelAgain: (() => void) | undefined
}

export class BootstrapDoors implements Startable {
  readonly #components: BootstrapDoorsComponents
  readonly #resolver: TxtResolver
  readonly #rng: () => number
  readonly #kept: KeepConnected
  #fixed: readonly Multiaddr[] = []
  #names = new Map<string, Name>()
  #running = false

  constructor(components: BootstrapDoorsComponents, init: BootstrapDoorsInit) {
    this.#components = components
    this.#resolver = components.resolver ?? new Resolver(RESOLVER)
    this.#rng = init.rng ?? Math.random
    this.#kept = new KeepConnected(components, { addresses: [], rng: this.#rng })
    this.keep(init.addresses)
  }

  /** These from now on and no others. Throws as the constructor does; then nothing has changed. */
  keep(addresses: readonly Multiaddr[]): void {
    const fixed = addresses.filter((address) => dnsaddrName(address) === undefined)
    const named = addresses.filter((address) => dnsaddrName(address) !== undefined)
    const before = this.#names
    const names = new Map(
      named.map((address) => [address.toString(), before.get(address.toString()) ?? fresh(address)]),
    )
    this.#hold(fixed, names)
    this.#fixed = fixed
    this.#names = names
    for (const [text, name] of before) if (!names.has(text)) name.cancelAgain?.()
    if (this.#running) for (const [text, name] of names) if (!before.has(text)) void this.#resolve(name)
  }

  /** How it stands with each peer, those behind names too. */
  peers(): readonly HeldPeer[] {
    return this.#kept.peers()
  }

  /** Dials at once all that are not connected. */
  hurry(): void {
    this.#kept.hurry()
  }

  /** One line for each name that is not resolved and each peer that is not reached, with the cause and the next try. */
  warnings(): readonly string[] {
    return [
      ...this.unresolved.map((cause) => `bootstrap name is not resolved, asked again: ${cause}`),
      ...this.#kept.warnings(),
    ]
  }

  /** Why names are not resolved now, a line each. */
  get unresolved(): readonly string[] {
    return [...this.#names.values()].flatMap(({ cause }) => cause ?? [])
  }

  /** Whether the owner, or the list that comes with the program, named any. */
  get hasAny(): boolean {
    return this.#fixed.length > 0 || this.#names.size > 0
  }

  /** Returns at once; dials and questions go on behind it. */
  async start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    await this.#kept.start()
    for (const name of this.#names.values()) void this.#resolve(name)
  }

  async stop(): Promise<void> {
    if (!this.#running) return
    this.#running = false
    this.#resolver.cancel()
    for (const name of this.#names.values()) {
      name.cancelAgain?.()
      name.cancelAgain = undefined
    }
    await this.#kept.stop()
  }

  #hold(fixed: readonly Multiaddr[], names: ReadonlyMap<string, Name>): void {
    const all = [...fixed, ...[...names.values()].flatMap(({ found }) => found)]
    this.#kept.keep(all)
    this.#components.tell(all)
    for (const address of all) {
      const peer = peerOf(address)?.toString() ?? ''
      this.#components.name(
        'bootstrap',
        peer,
        all.filter((other) => peerOf(other)?.toString() === peer),
      )
    }
  }

  async #resolve(name: Name): Promise<void> {
    const { log, clock } = this.#components
    let againMs: number
    try {
      name.found = await resolveDnsaddr(name.address, this.#resolver)
      name.failures = 0
      name.cause = undefined
      againMs = jittered(RESOLVE_AGAIN_MS, this.#rng)
    } catch (error) {
      if (!this.#running) return
      const { code, message, fix } = toRealmeshError(error, 'PEER_UNREACHABLE')
      // What it listed before stays: the peers may well be where they were.
      log[name.failures === 0 ? 'warn' : 'debug']({ code, fix, cause: message }, 'bootstrap name not resolved')
      name.failures += 1
      name.cause = message
      againMs = backOffMs(RESOLVE_FAILED, name.failures, this.#rng)
    }
    if (!this.#running || this.#names.get(name.address.toString()) !== name) return
    this.#hold(this.#fixed, this.#names)
    name.cancelAgain = clock.after(againMs, () => void this.#resolve(name))
  }
}

function fresh(address: Multiaddr): Name {
  return { address, found: [], failures: 0, cause: undefined, cancelAgain: undefined }
}
