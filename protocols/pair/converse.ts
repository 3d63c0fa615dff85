/**
 * The conversation of two nodes whose owners want to make them one home, or themselves friends: both commit, both
 * reveal, both owners compare, and only then anything is handed over. What owners and nodes do in it is given.
 */
import { randomBytes } from 'node:crypto'
import { cleanText } from '../../core/clean-text.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Clock } from '../../core/run/clock.ts'
import { withinLimit } from '../../core/run/within-limit.ts'
import { MAX_LABEL_LENGTH } from '../card/constants.ts'
import { isInvitationKind } from '../invite/invitation-text.ts'
import {
  commitmentTo,
  digitsOf,
  moverOf,
  opens,
  type PairEnds,
  type PairOffer,
  type PairRole,
  type PairSide,
} from './comparison.ts'
import { COMPARE_MS, OWNER_ANSWERS_MS, PAIR_NONCE_BYTES, PAIR_STEP_MS } from './constants.ts'
import type { WirePairOffer } from './messages.ts'
import type { PairLine } from './pair-line.ts'

/** What both owners are asked about. */
export interface Comparison {
  readonly digits: string
  readonly theirs: PairOffer
  /** Which end moves into the home of the other; undefined between friends. */
  readonly mover: PairRole | undefined
}

/** What this end does when its turn comes. What they throw ends the conversation. */
export interface PairHands {
  /** Resolves with whether the own owner saw the same digits at the other node. */
  compare(comparison: Comparison): Promise<boolean>
  /** What the other end needs to move in, as an invitation hands it over. Both owners have said yes. */
  give(): Promise<Uint8Array>
  /** Moves in. */
  take(welcome: Uint8Array): Promise<void>
  /** Makes the other end a friend. */
  befriend(): Promise<void>
  /** The other end has done its part: it is looked at anew. */
  met(): Promise<void>
}

export interface ConversationInit {
  readonly ends: PairEnds
  /** What this end says of itself. */
  readonly own: PairOffer
  readonly hands: PairHands
  readonly signal: CancelSignal
  readonly clock: Clock
  /** Bytes that nobody guesses. @default those of the platform */
  readonly random?: (length: number) => Uint8Array
}

/** What the asking end said first. */
export interface PairAsk {
  readonly offer: PairOffer
  readonly commitment: Uint8Array
}

/** The asking end, from its first word to the last. Throws `PAIRING_REFUSED`, `PAIRING_FAILED`, `TIMEOUT`. */
export async function askToPair(line: PairLine, init: ConversationInit): Promise<void> {
  const mine = newSide('asker', init)
  await step(init, (signal) => line.send({ offer: wireOffer(mine) }, signal))
  const answered = 'nobody answered at the other node'
  const theirs = readOffer(await limited(init, OWNER_ANSWERS_MS, answered, (signal) => line.take('offer', signal)))
  await step(init, (signal) => line.send({ nonce: plain(mine.nonce) }, signal))
  const nonce = await step(init, (signal) => line.take('nonce', signal))
  await compareAndHandOver(line, init, { role: 'asker', mine, theirs: { ...theirs, nonce } })
}

/** What a node that asks says first. */
export async function readAsk(line: PairLine, init: Pick<ConversationInit, 'signal' | 'clock'>): Promise<PairAsk> {
  return readOffer(await step(init, (signal) => line.take('offer', signal)))
}

/** The asked end, once it is `accepted`: until then nothing is told that could be compared. Throws as `askToPair`. */
export async function answerAsk(
  line: PairLine,
  asked: PairAsk,
  accepted: Promise<void>,
  init: ConversationInit,
): Promise<void> {
  const { nonce, mine } = await limited(init, OWNER_ANSWERS_MS, 'nobody answered here', async (signal) => {
    // Read from now on, so that an asking node that leaves is noticed.
    const next = line.take('nonce', signal)
    const early = next.then(() => {
      throw new RealmeshError('PROTOCOL_ERROR', 'the asking node revealed its nonce too early')
    })
    await Promise.race([accepted, early])
    early.catch(() => {})
    const mine = newSide('asked', init)
    await line.send({ offer: wireOffer(mine) }, signal)
    return { nonce: await next, mine }
  })
  const theirs = { ...asked, nonce }
  assertOpens(theirs, 'asker', init)
  await step(init, (signal) => line.send({ nonce: plain(mine.nonce) }, signal))
  await compareAndHandOver(line, init, { role: 'asked', mine, theirs })
}

/** Both ends, as one of them sees them. */
interface Sides {
  readonly role: PairRole
  readonly mine: PairSide
  readonly theirs: PairSide
}

async function compareAndHandOver(line: PairLine, init: ConversationInit, sides: Sides): Promise<void> {
  const { role, mine, theirs } = sides
  const [asker, asked] = role === 'asker' ? [mine, theirs] : [theirs, mine]
  assertOpens(theirs, role === 'asker' ? 'asked' : 'asker', init)
  if (theirs.offer.kind !== mine.offer.kind) {
    throw new RealmeshError('PAIRING_REFUSED', 'one node asks for one home, the other for friendship')
  }
  const mover = mine.offer.kind === 'home' ? moverOf(asker.offer, asked.offer) : undefined
  if (mine.offer.kind === 'home' && mover === undefined) {
    throw new RealmeshError(
      'PAIRING_REFUSED',
      'both nodes take their federation key from a file of their configuration',
    )
  }
  const digits = digitsOf(init.ends, asker, asked)
  await bothSayYes(line, init, { digits, theirs: theirs.offer, mover })
  await handOver(line, init, { role, mover })
}

/** Ends at once with the first no, of either owner. */
async function bothSayYes(line: PairLine, init: ConversationInit, comparison: Comparison): Promise<void> {
  await limited(init, COMPARE_MS, 'the digits were not compared', async (signal) => {
    const yours = line.take('same', signal).then((same) => {
      if (!same) throw new RealmeshError('PAIRING_FAILED', 'at the other node the digits were said to differ')
    })
    const mine = init.hands.compare(comparison).then(async (same) => {
      await line.send({ same }, signal)
      if (!same) throw new RealmeshError('PAIRING_FAILED', 'the digits differ')
    })
    await Promise.all([yours, mine])
  })
}

async function handOver(
  line: PairLine,
  init: ConversationInit,
  { role, mover }: { readonly role: PairRole; readonly mover: PairRole | undefined },
): Promise<void> {
  const { hands } = init
  await step(init, async (signal) => {
    if (mover === undefined) await hands.befriend()
    else if (mover === role) await hands.take(await line.take('welcome', signal))
    else await line.send({ welcome: plain(await hands.give()) }, signal)
    if (mover === undefined || mover === role) await line.send({ done: true }, signal)
    await line.take('done', signal)
    await hands.met()
    if (mover !== undefined && mover !== role) await line.send({ done: true }, signal)
  })
}

function assertOpens(side: PairSide, role: PairRole, { ends }: Pick<ConversationInit, 'ends'>): void {
  if (opens(side, role, ends)) return
  throw new RealmeshError('PAIRING_FAILED', 'the other node revealed another nonce than it had bound itself to')
}

function newSide(role: PairRole, { ends, own, random = randomBytes }: ConversationInit): PairSide {
  const nonce = new Uint8Array(random(PAIR_NONCE_BYTES))
  return { offer: own, nonce, commitment: commitmentTo(nonce, role, ends) }
}

function wireOffer({ offer, commitment }: PairSide): WirePairOffer {
  return { ...offer, commitment: plain(commitment) }
}

function readOffer({ commitment, kind, name, federationLabel, company, stays }: WirePairOffer): PairAsk {
  if (!isInvitationKind(kind)) throw new RealmeshError('PROTOCOL_ERROR', 'the other node wants what is not known here')
  const names = {
    name: cleanText(name, MAX_LABEL_LENGTH),
    federationLabel: cleanText(federationLabel, MAX_LABEL_LENGTH),
  }
  return { commitment, offer: { kind, ...names, company, stays } }
}

function plain(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes)
}

function step<T>(
  init: Pick<ConversationInit, 'signal' | 'clock'>,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return limited(init, PAIR_STEP_MS, 'the other node did not go on', run)
}

function limited<T>(
  { signal, clock }: Pick<ConversationInit, 'signal' | 'clock'>,
  ms: number,
  what: string,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withinLimit(signal, ms, what, run, clock)
}
