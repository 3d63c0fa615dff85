/**
 * Pairings with other nodes, those that this node asks for and those that it is asked for. One for each peer, a few at
 * a time; nothing is revealed to a peer before the owner of this node has answered, so that each act of an owner gives
 * a node in the middle one guess.
 */
import { cleanText } from '../../core/clean-text.ts'
import type { Logger } from '../../core/logger.ts'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { Startable } from '../../core/run/startable.ts'
import { withinLimit } from '../../core/run/within-limit.ts'
import type { Relation } from '../../core/scope.ts'
import type { InvitationKind } from '../../protocols/invite/invitation-text.ts'
import type { PairOffer, PairRole } from '../../protocols/pair/comparison.ts'
import { PAIR_STEP_MS } from '../../protocols/pair/constants.ts'
import { answerAsk, askToPair, type ConversationInit, type PairHands, readAsk } from '../../protocols/pair/converse.ts'
import type { PairLine } from '../../protocols/pair/pair-line.ts'
import type { Pairing, PairingControl, PairingState } from '../api/joining/pairing-control.ts'
import { type MeantPeer, meantPeer } from './meant-peer.ts'
import { OnePairing } from './one-pairing.ts'
import { AskCounter, MAX_PAIRINGS } from './pairing-rules.ts'
import { askLine, endLine } from './pairing-words.ts'

/** How long one that has ended is still told: its owner may look a while later. */
export const ENDED_TOLD_MS = 10 * 60_000

/** How long `wait` waits: below what a program takes for a connection that died. */
const LONGEST_LOOK_MS = 20_000

export interface PairingDeskComponents {
  readonly clock: Clock
  readonly log: Logger
  /** A line for the owner, now. */
  readonly tell: (line: string, fields: object) => void
  /** Peers that are connected, with what they are to us. */
  readonly peers: () => readonly (MeantPeer & { readonly relation: Relation })[]
  /** A line to the peer, to ask it. Throws as libp2p does. */
  readonly open: (peer: string, signal: AbortSignal) => Promise<PairLine>
  /** What this node says of itself. */
  readonly offer: (kind: InvitationKind) => PairOffer
  /** What it does with the peer when both owners have said yes. */
  readonly handsFor: (peer: string) => Omit<PairHands, 'compare'>
}

export interface PairingDeskInit {
  readonly network: string
  /** Own peer id. */
  readonly self: string
}

export class PairingDesk implements PairingControl, Startable {
  readonly #components: PairingDeskComponents
  readonly #init: PairingDeskInit
  readonly #pairings = new Map<string, OnePairing>()
  readonly #waiters = new Set<() => void>()
  readonly #counter: AskCounter
  readonly #life = linkedAbort()

  constructor(components: PairingDeskComponents, init: PairingDeskInit) {
    this.#components = components
    this.#init = init
    this.#counter = new AskCounter(components.clock.monotonic())
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    this.#life.abort(new RealmeshError('PAIRING_REFUSED', 'the node stops'))
  }

  list(): readonly Pairing[] {
    this.#forgetEnded()
    return [...this.#pairings.values()].map(({ told }) => told)
  }

  async begin(name: string, kind: InvitationKind): Promise<Pairing> {
    const { relation, ...peer } = meantPeer(name, this.#components.peers())
    const going = this.#pairings.get(peer.id)
    if (going?.isLive === true) return this.#joined(going, kind)
    if (relation === 'home') {
      throw new RealmeshError('BAD_REQUEST', `${cleanText(peer.name)} belongs to this home already`, {
        fix: 'realmesh peers shows what each is to this node',
      })
    }
    this.#makeRoom()
    const pairing = this.#newPairing(peer.id, 'asker', { name: peer.name, kind })
    void this.#run(pairing, async (init) => {
      const line = await this.#opened(peer.id, pairing)
      await this.#ended(line, () => askToPair(line, init))
    })
    return pairing.told
  }

  async answer(name: string, digits: string | undefined): Promise<Pairing> {
    const pairing = this.#named(name)
    pairing.answer(digits)
    return pairing.told
  }

  async wait(name: string, seen: PairingState): Promise<Pairing> {
    const { peer } = this.#named(name).told
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = (): void => {
      if (this.#pairings.get(peer)?.told.state !== seen) resolve()
    }
    this.#waiters.add(look)
    const cancel = this.#components.clock.after(LONGEST_LOOK_MS, resolve)
    look()
    await promise
    cancel()
    this.#waiters.delete(look)
    return this.#named(peer).told
  }

  /** A peer asks. Never rejects. */
  async asked(line: PairLine, peer: string): Promise<void> {
    const { clock, log } = this.#components
    try {
      const ask = await readAsk(line, { signal: this.#life.signal, clock })
      const { kind, name } = ask.offer
      const own = this.#pairings.get(peer)
      // Both asked at the same moment: the conversation of the one with the smaller id goes on.
      const isCrossed = own?.told.state === 'asked' && own.role === 'asker' && own.told.kind === kind
      if (isCrossed && this.#init.self < peer) return await this.#outlasted(line)
      if (!isCrossed) this.#assertMayAsk(peer, kind)
      const pairing = this.#newPairing(peer, 'asked', { name, kind })
      if (isCrossed) {
        own.drop('it asks at the same moment')
        pairing.accept()
      } else this.#tellAsked(pairing)
      await this.#run(pairing, (init) => this.#ended(line, () => answerAsk(line, ask, pairing.accepted, init)))
    } catch (thrown) {
      const { code, message } = toRealmeshError(thrown, 'PEER_LOST')
      log.debug({ peer, code }, `a node was not heard that asks to be paired: ${message}`)
      await this.#refused(line, thrown)
    }
  }

  /** The peer drops its own conversation once it hears of ours; until then it is not to take this for a no. */
  async #outlasted(line: PairLine): Promise<void> {
    const { clock } = this.#components
    const wait = (signal: AbortSignal): Promise<unknown> => line.take('done', signal)
    await withinLimit(this.#life.signal, PAIR_STEP_MS, 'it asks still', wait, clock).catch(() => {})
    await this.#refused(line, new RealmeshError('PAIRING_REFUSED', 'both asked at the same moment: try again'))
  }

  /** The owner answers a peer that asks, or comes back to what is under way. */
  #joined(pairing: OnePairing, kind: InvitationKind): Pairing {
    if (pairing.told.kind !== kind) {
      const wanted = pairing.told.kind === 'home' ? 'to be one home' : 'for friendship'
      throw new RealmeshError('BAD_REQUEST', `the pairing that is under way with that node is ${wanted}`, {
        fix: pairing.told.kind === 'home' ? 'leave --friend out' : 'add --friend',
      })
    }
    pairing.accept()
    return pairing.told
  }

  #newPairing(
    peer: string,
    role: PairRole,
    rest: { readonly name: string; readonly kind: InvitationKind },
  ): OnePairing {
    const { clock, handsFor, offer } = this.#components
    const pairing = new OnePairing(
      { hands: handsFor(peer), onChange: () => this.#changed(), life: this.#life.signal },
      { peer, role, ...rest, company: offer(rest.kind).company, now: clock.monotonic() },
    )
    this.#pairings.delete(peer)
    this.#pairings.set(peer, pairing)
    return pairing
  }

  async #run(pairing: OnePairing, conversation: (init: ConversationInit) => Promise<void>): Promise<void> {
    const { clock, offer, tell, log } = this.#components
    const { self, network } = this.#init
    const { peer, kind } = pairing.told
    const [asker, asked] = pairing.role === 'asker' ? [self, peer] : [peer, self]
    const { hands, signal } = pairing
    const error = await pairing.run(() =>
      conversation({ ends: { network, asker, asked }, own: offer(kind), hands, signal, clock }),
    )
    if (this.#pairings.get(peer) !== pairing) return // both asked; the other conversation goes on
    const { told } = pairing
    if (error === undefined) log.info({ peer, name: told.name, kind }, 'paired with another node')
    else
      log[error.code === 'PAIRING_FAILED' ? 'warn' : 'info']({ peer, code: error.code }, `not paired: ${error.message}`)
    // A peer that asks and leaves again has shown nothing: one line was enough.
    if (told.digits !== undefined || pairing.role === 'asker') tell(endLine(told, error?.code), { peer, kind })
    else this.#pairings.delete(peer)
  }

  async #opened(peer: string, pairing: OnePairing): Promise<PairLine> {
    const { open, clock } = this.#components
    const run = (signal: AbortSignal): Promise<PairLine> => open(peer, signal)
    return await withinLimit(pairing.signal, PAIR_STEP_MS, 'the other node was not reached', run, clock)
  }

  /** Closes the line when the conversation is over; where it failed, the other end is told why. */
  async #ended(line: PairLine, conversation: () => Promise<void>): Promise<void> {
    try {
      await conversation()
    } catch (error) {
      await this.#refused(line, error)
      throw error
    }
    await line.close().catch(() => {}) // all is said
  }

  /** Our own words only: what broke inside this node is not told. */
  async #refused(line: PairLine, thrown: unknown): Promise<void> {
    const { code, message } = toRealmeshError(thrown)
    const isOurs = code === 'PAIRING_REFUSED' || code === 'PAIRING_FAILED' || code === 'TIMEOUT'
    await line.refuse(isOurs ? message : 'the other node could not go on', AbortSignal.timeout(PAIR_STEP_MS))
  }

  #tellAsked({ told }: OnePairing): void {
    const { tell, peers } = this.#components
    tell(askLine(told, peers()), { peer: told.peer, kind: told.kind })
  }

  #assertMayAsk(peer: string, kind: InvitationKind): void {
    const { clock, peers } = this.#components
    if (!this.#counter.admits(peer, clock.monotonic())) {
      throw new RealmeshError('PAIRING_REFUSED', 'that node is asked too often: wait a minute, or ask from there')
    }
    if (this.#pairings.get(peer)?.isLive === true) {
      throw new RealmeshError('PAIRING_REFUSED', 'a pairing of the two is under way already')
    }
    if (kind === 'home' && peers().some(({ id, relation }) => id === peer && relation === 'home')) {
      throw new RealmeshError('PAIRING_REFUSED', 'the two belong to one home already')
    }
    this.#assertRoom()
  }

  /** The owner's own wish goes before those of peers that ask. */
  #makeRoom(): void {
    this.#forgetEnded()
    if (this.#pairings.size < MAX_PAIRINGS) return
    const asking = [...this.#pairings].find(([, { told }]) => told.state === 'asks')
    if (asking === undefined) return
    asking[1].drop('too many ask that node')
    this.#pairings.delete(asking[0])
  }

  #assertRoom(): void {
    this.#forgetEnded()
    if (this.#pairings.size >= MAX_PAIRINGS) {
      throw new RealmeshError('PAIRING_REFUSED', `${MAX_PAIRINGS} pairings wait at that node already`)
    }
  }

  /** Throws `BAD_REQUEST`. */
  #named(name: string): OnePairing {
    const told = this.list().map(({ peer, name: its }) => ({ id: peer, name: its }))
    const found = this.#pairings.get(name) ?? this.#pairings.get(meantPeer(name, told).id)
    if (found !== undefined) return found
    throw new RealmeshError('BAD_REQUEST', 'no pairing with that node is under way', {
      fix: 'realmesh pair shows what waits',
    })
  }

  #forgetEnded(): void {
    const now = this.#components.clock.monotonic()
    for (const [peer, pairing] of this.#pairings) {
      if (!pairing.isLive && now - pairing.since > ENDED_TOLD_MS) this.#pairings.delete(peer)
    }
    const over = [...this.#pairings].filter(([, { isLive }]) => !isLive)
    const spare = this.#pairings.size - MAX_PAIRINGS + 1
    for (const [peer] of over.slice(0, Math.max(0, spare))) this.#pairings.delete(peer)
  }

  #changed(): void {
    for (const look of this.#waiters) look()
  }
}
