/** One pairing, from the first word to its end: what its owner sees of it, and their part in the conversation. */
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { InvitationKind } from '../../protocols/invite/invitation-text.ts'
import type { PairRole } from '../../protocols/pair/comparison.ts'
import type { Comparison, PairHands } from '../../protocols/pair/converse.ts'
import type { Pairing, PairingState } from '../api/joining/pairing-control.ts'

/** States in which the other node may still say something. */
const LIVE: ReadonlySet<PairingState> = new Set(['asks', 'asked', 'compare', 'agreed'])

export interface OnePairingInit {
  readonly peer: string
  readonly name: string
  readonly kind: InvitationKind
  /** Of this node. */
  readonly role: PairRole
  /** Other nodes of the own home. */
  readonly company: number
  /** Monotonic. */
  readonly now: number
}

export interface OnePairingComponents {
  /** What is handed over, and how. */
  readonly hands: Omit<PairHands, 'compare'>
  /** Called after each change. */
  readonly onChange: () => void
  /** Ends with it. */
  readonly life: CancelSignal
}

export class OnePairing {
  readonly role: PairRole
  /** Monotonic, when it began. */
  readonly since: number
  readonly #components: OnePairingComponents
  readonly #company: number
  readonly #life = linkedAbort()
  readonly #accepted = Promise.withResolvers<void>()
  readonly #verdict = Promise.withResolvers<boolean>()
  #told: Pairing

  constructor(components: OnePairingComponents, { peer, name, kind, role, company, now }: OnePairingInit) {
    this.role = role
    this.since = now
    this.#components = components
    this.#company = company
    this.#life.follow(components.life)
    this.#told = { peer, name, kind, state: role === 'asker' ? 'asked' : 'asks' }
  }

  /** As its owner sees it. */
  get told(): Pairing {
    return this.#told
  }

  get isLive(): boolean {
    return LIVE.has(this.#told.state)
  }

  /** Resolves when the own owner wants it too. */
  get accepted(): Promise<void> {
    return this.#accepted.promise
  }

  /** Ends with the pairing. */
  get signal(): CancelSignal {
    return this.#life.signal
  }

  /** What the own owner and this node do in the conversation. */
  get hands(): PairHands {
    return { ...this.#components.hands, compare: (comparison) => this.#compare(comparison) }
  }

  /** The own owner wants it too. Twice is harmless. */
  accept(): void {
    if (this.#told.state !== 'asks') return
    this.#accepted.resolve()
    this.#change({ state: 'asked' })
  }

  /** The own owner's word: the digits at the other node, or a no. Throws `BAD_REQUEST` in the wrong moment. */
  answer(digits: string | undefined): void {
    const { state, digits: own } = this.#told
    if (digits === undefined && this.isLive) {
      if (state === 'compare') this.#decide(false)
      else this.drop('its owner said no')
      return
    }
    if (digits === undefined || state !== 'compare') {
      throw new RealmeshError('BAD_REQUEST', 'there is nothing to compare with that node now', {
        fix: 'realmesh pair shows what waits',
      })
    }
    this.#decide(digits.replaceAll(/\s/g, '') === own)
  }

  /** Ends it from this side, for that reason. */
  drop(reason: string): void {
    this.#life.abort(new RealmeshError('PAIRING_REFUSED', reason))
  }

  /** Has the conversation, and keeps what came of it. Resolves with the error that ended it; never rejects. */
  async run(conversation: () => Promise<void>): Promise<RealmeshError | undefined> {
    try {
      await conversation()
      this.#change({ state: 'paired' })
      return undefined
    } catch (thrown) {
      const error = toRealmeshError(thrown, 'PEER_LOST')
      this.#change({ state: 'failed', reason: error.message, code: error.code })
      return error
    } finally {
      this.#life.release()
    }
  }

  /** At once, so that there is no second guess. */
  #decide(same: boolean): void {
    this.#change(same ? { state: 'agreed' } : { state: 'failed', reason: 'the digits differ', code: 'PAIRING_FAILED' })
    this.#verdict.resolve(same)
  }

  #compare({ digits, theirs, mover }: Comparison): Promise<boolean> {
    const moves = mover === undefined ? {} : this.#moves(mover, theirs.company)
    this.#change({ state: 'compare', name: theirs.name || this.#told.name, digits, ...moves })
    return this.#verdict.promise
  }

  #moves(mover: PairRole, theirCompany: number): Pick<Pairing, 'mover' | 'leaves'> {
    const isOwn = mover === this.role
    return { mover: isOwn ? 'this node' : 'the peer', leaves: isOwn ? this.#company : theirCompany }
  }

  #change(what: Partial<Pairing>): void {
    this.#told = { ...this.#told, ...what }
    this.#components.onChange()
  }
}
