/** The inviting end: a node that proves that it holds an invitation of ours is given what it promises. */
import { randomBytes } from 'node:crypto'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { pbStream } from '@libp2p/utils'
import { cleanText } from '../../core/clean-text.ts'
import { type Logger, silentLogger } from '../../core/logger.ts'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import { type Clock, systemClock } from '../../core/run/clock.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { Startable } from '../../core/run/startable.ts'
import { withinLimit } from '../../core/run/within-limit.ts'
import { MAX_LABEL_LENGTH } from '../card/constants.ts'
import {
  INVITE_NONCE_BYTES,
  INVITE_TIMEOUT_MS,
  inviteProtocol,
  MAX_INVITE_FRAME_BYTES,
  MAX_INVITE_STREAMS,
} from './constants.ts'
import { WireAnswer, WireChallenge, WireJoin } from './messages.ts'
import { isProof, joinProof, type Meeting, welcomeProof } from './proofs.ts'
import { encodeWelcome, type Welcome } from './welcome.ts'

/** One line of the log in so long for what was refused: every peer may guess. */
export const TELL_REFUSED_EVERY_MS = 60_000

/** A node that wants to redeem an invitation. */
export interface Redeeming {
  /** Names the invitation, lower-case hex. */
  readonly id: string
  /** Its peer id, as the connection proved it. */
  readonly peer: string
  /** What it is called; proves nothing. */
  readonly name: string
  /** Whether it knows the invitation's secret, given the key that follows from that. */
  readonly proves: (key: Uint8Array) => boolean
}

/** What it is given, and the key that proves from whom. */
export interface Redeemed {
  readonly key: Uint8Array
  readonly welcome: Welcome
}

export interface InviteServerComponents {
  readonly libp2p: Pick<Libp2p, 'handle' | 'unhandle' | 'peerId'>
  /** Throws `INVITATION_REFUSED`, whose message is told to the other end; any other error is not. */
  readonly redeem: (redeeming: Redeeming) => Promise<Redeemed>
  readonly clock?: Clock
  readonly log?: Logger
}

export interface InviteServerInit {
  readonly network: string
}

export class InviteServer implements Startable {
  readonly #components: InviteServerComponents
  readonly #clock: Clock
  readonly #log: Logger
  readonly #protocol: string
  #life = linkedAbort()
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(components: InviteServerComponents, { network }: InviteServerInit) {
    this.#components = components
    this.#clock = components.clock ?? systemClock
    this.#log = components.log ?? silentLogger
    this.#protocol = inviteProtocol(network)
  }

  async start(): Promise<void> {
    if (this.#life.signal.aborted) this.#life = linkedAbort()
    await this.#components.libp2p.handle(this.#protocol, this.#onStream, {
      maxInboundStreams: MAX_INVITE_STREAMS,
      maxOutboundStreams: MAX_INVITE_STREAMS,
      runOnLimitedConnection: true,
    })
  }

  async stop(): Promise<void> {
    await this.#components.libp2p.unhandle(this.#protocol)
    this.#life.abort(new RealmeshError('CANCELLED', 'the node stops'))
  }

  readonly #onStream = async (stream: Stream, connection: Connection): Promise<void> => {
    const peer = connection.remotePeer.toString()
    try {
      await withinLimit(
        this.#life.signal,
        INVITE_TIMEOUT_MS,
        'the invitation was not redeemed',
        (signal) => this.#receive(stream, peer, signal),
        this.#clock,
      )
      await stream.close()
    } catch (error) {
      stream.abort(error as Error)
      this.#log.debug({ peer, err: error }, 'a conversation about an invitation broke')
    }
  }

  async #receive(stream: Stream, peer: string, signal: AbortSignal): Promise<void> {
    const messages = pbStream(stream, { maxDataLength: MAX_INVITE_FRAME_BYTES })
    const inviterNonce = new Uint8Array(randomBytes(INVITE_NONCE_BYTES))
    await messages.write({ nonce: inviterNonce }, WireChallenge, { signal })
    const { id, proof, nonce, name } = await messages.read(WireJoin, { signal })
    if (nonce.byteLength !== INVITE_NONCE_BYTES)
      throw new RealmeshError('PROTOCOL_ERROR', 'a nonce has the wrong length')
    const meeting = {
      inviter: this.#components.libp2p.peerId.toString(),
      joiner: peer,
      inviterNonce,
      joinerNonce: nonce,
    }
    const proves = (key: Uint8Array): boolean => isProof(proof, joinProof(key, meeting))
    const asked = { id: Buffer.from(id).toString('hex'), peer, name: cleanText(name, MAX_LABEL_LENGTH), proves }
    await messages.write(await this.#answer(asked, meeting), WireAnswer, { signal })
  }

  async #answer(asked: Redeeming, meeting: Meeting): Promise<WireAnswer> {
    const none = new Uint8Array()
    try {
      const { key, welcome } = await this.#components.redeem(asked)
      const bytes = encodeWelcome(welcome)
      return { refusal: '', welcome: bytes, proof: new Uint8Array(welcomeProof(key, meeting, bytes)) }
    } catch (error) {
      const { code, message } = toRealmeshError(error)
      const level = code === 'INVITATION_REFUSED' ? this.#levelOfRefusal() : 'warn'
      this.#log[level]({ code, peer: asked.peer }, `an invitation was not redeemed: ${message}`)
      const told = code === 'INVITATION_REFUSED' ? message : 'the inviting node could not look at the invitation'
      return { refusal: told, welcome: none, proof: none }
    }
  }

  #levelOfRefusal(): 'info' | 'debug' {
    const now = this.#clock.monotonic()
    if (now - this.#toldAt < TELL_REFUSED_EVERY_MS) return 'debug'
    this.#toldAt = now
    return 'info'
  }
}
