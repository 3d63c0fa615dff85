/**
 * Peers that were met, with their addresses, kept over restarts: a node that was once in the swarm needs no bootstrap
 * node again.
 */
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { z } from 'zod'
import type { Logger } from '../../core/logger.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import { maxStrangersOf } from '../addresses/subnet.ts'
import { MAX_ADDRESSES_PER_PEER } from './peer-dialer.ts'

/** More would not be dialled at a start anyway; the file stays near 150 kB. */
export const MAX_REMEMBERED_PEERS = 500
/** A peer that was not met for this long has probably moved. */
export const REMEMBER_MS = 30 * 24 * 3_600_000
/**
 * How long news is gathered before it is saved: soon enough that a crash right after joining still leaves a way back.
 */
const SAVE_DELAY_MS = 5_000
/** Longest multiaddr that is kept, characters. */
const MAX_ADDRESS_LENGTH = 256

/** Whether `parse` takes the text. */
function parses(parse: (text: string) => unknown): (text: string) => boolean {
  return (text) => {
    try {
      parse(text)
      return true
    } catch {
      return false
    }
  }
}

const rememberedPeer = z.object({
  id: z.string().max(128).refine(parses(peerIdFromString)),
  addresses: z.array(z.string().max(MAX_ADDRESS_LENGTH).refine(parses(multiaddr))).max(MAX_ADDRESSES_PER_PEER),
  /** Wall clock, milliseconds. */
  lastContactMs: z.number(),
  relation: z.enum(['home', 'friend', 'stranger']),
  /** Where it truly was, when that was a public place. */
  subnet: z.string().max(64).optional(),
})

export type RememberedPeer = Readonly<z.infer<typeof rememberedPeer>>

/** Where the list lies; the node gives a file. */
export interface PeerMemory {
  /** What was saved last; undefined when nothing was. May be anything: it is checked here. */
  load(): Promise<unknown>
  save(peers: readonly RememberedPeer[]): Promise<void>
}

export interface RememberedPeersComponents {
  readonly memory: PeerMemory
  readonly clock: Clock
  readonly log: Logger
}

const CLOSENESS: Readonly<Record<RememberedPeer['relation'], number>> = { home: 0, friend: 1, stranger: 2 }

/**
 * Best first (own federation, then friends, then the latest contact), without the outdated, within the bound: of
 * strangers at most two of one subnet, so that one host with many identities does not become all that is remembered.
 * Pure.
 */
export function worthRemembering(peers: Iterable<RememberedPeer>, nowMs: number): readonly RememberedPeer[] {
  const strangers = new Map<string, number>()
  const isCrowded = ({ relation, subnet }: RememberedPeer): boolean => {
    if (relation !== 'stranger' || subnet === undefined) return false
    const before = strangers.get(subnet) ?? 0
    strangers.set(subnet, before + 1)
    return before >= maxStrangersOf(subnet)
  }
  return [...peers]
    .filter((peer) => peer.addresses.length > 0 && nowMs - peer.lastContactMs < REMEMBER_MS)
    .sort((a, b) => CLOSENESS[a.relation] - CLOSENESS[b.relation] || b.lastContactMs - a.lastContactMs)
    .filter((peer) => !isCrowded(peer))
    .slice(0, MAX_REMEMBERED_PEERS)
}

/** The entries of a saved list that are sound; what is not is left out. */
export function parseRememberedPeers(saved: unknown): readonly RememberedPeer[] {
  if (!Array.isArray(saved)) return []
  return saved.slice(0, MAX_REMEMBERED_PEERS).flatMap((entry: unknown) => {
    const parsed = rememberedPeer.safeParse(entry)
    return parsed.success ? [parsed.data] : []
  })
}

export class RememberedPeers implements Startable {
  readonly #components: RememberedPeersComponents
  #peers = new Map<string, RememberedPeer>()
  #cancelSave: (() => void) | undefined
  #saving: Promise<void> = Promise.resolve()
  #running = false

  constructor(components: RememberedPeersComponents) {
    this.#components = components
  }

  /** Loads the list. An unreadable memory is reported and costs nothing but the memory. */
  async start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    const { memory, clock, log } = this.#components
    try {
      const known = worthRemembering(parseRememberedPeers(await memory.load()), clock.wall())
      this.#peers = new Map(known.map((peer) => [peer.id, peer]))
    } catch (error) {
      const { code, message } = toRealmeshError(error, 'STORAGE_FAILED')
      log.warn({ code, cause: message }, 'remembered peers not read; starting without them')
    }
  }

  /** Saves what is new, and waits until it is saved. */
  async stop(): Promise<void> {
    if (!this.#running) return
    this.#running = false
    if (this.#cancelSave !== undefined) this.#save()
    await this.#saving
  }

  /** Best first. */
  list(): readonly RememberedPeer[] {
    return worthRemembering(this.#peers.values(), this.#components.clock.wall())
  }

  has(id: string): boolean {
    return this.#peers.has(id)
  }

  /** A peer was met now at these addresses; the best address first. */
  note(peer: Omit<RememberedPeer, 'lastContactMs'>): void {
    if (!this.#running || peer.addresses.length === 0) return
    const addresses = peer.addresses.filter((address) => address.length <= MAX_ADDRESS_LENGTH)
    const lastContactMs = this.#components.clock.wall()
    this.#peers.set(peer.id, { ...peer, addresses: addresses.slice(0, MAX_ADDRESSES_PER_PEER), lastContactMs })
    // A tenth of slack, so that the list is not sorted anew for each stranger that comes by.
    if (this.#peers.size > MAX_REMEMBERED_PEERS * 1.1) {
      this.#peers = new Map(this.list().map((known) => [known.id, known]))
    }
    this.#cancelSave ??= this.#components.clock.after(SAVE_DELAY_MS, () => {
      this.#save()
    })
  }

  #save(): void {
    this.#cancelSave?.()
    this.#cancelSave = undefined
    const { memory, log } = this.#components
    const list = this.list()
    this.#saving = this.#saving
      .then(() => memory.save(list))
      .catch((error: unknown) => {
        const { code, message } = toRealmeshError(error, 'STORAGE_FAILED')
        log.warn({ code, cause: message }, 'remembered peers not saved')
      })
  }
}
