/** Gets the card of a connected peer. */
import type { Libp2p, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { messageStreamToDuplex } from '@libp2p/utils'
import * as lp from 'it-length-prefixed'
import { pipe } from 'it-pipe'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { type Clock, systemClock } from '../../core/run/clock.ts'
import { withinLimit } from '../../core/run/within-limit.ts'
import type { Card } from './card.ts'
import { CARD_TIMEOUT_MS, cardProtocol, MAX_CARD_BYTES } from './constants.ts'
import { openCard } from './sealed-card.ts'

export interface FetchCardOptions {
  readonly network: string
  readonly signal: CancelSignal
  /** @default systemClock */
  readonly clock?: Clock
}

/**
 * Asks `peer` for its card over an open connection; never dials. Rejects with `PEER_UNREACHABLE` when there is no
 * connection or no answer, with `PROTOCOL_ERROR` when what comes is not the peer's own sound card.
 */
export async function fetchCard(
  libp2p: Pick<Libp2p, 'getConnections'>,
  peer: string,
  options: FetchCardOptions,
): Promise<Card> {
  const { network, signal, clock = systemClock } = options
  const fetchSealed = (limited: AbortSignal): Promise<Uint8Array> => sealedCard(libp2p, peer, network, limited)
  try {
    const sealed = await withinLimit(signal, CARD_TIMEOUT_MS, 'no card', fetchSealed, clock)
    return await openCard(sealed, { network, peer, now: clock.wall() })
  } catch (error) {
    if (signal.aborted) throw new RealmeshError('CANCELLED', 'the card is no longer needed', { cause: error })
    if (error instanceof RealmeshError && error.code === 'PROTOCOL_ERROR') throw error
    throw new RealmeshError('PEER_UNREACHABLE', `peer ${peer} gave no card`, { cause: error })
  }
}

async function sealedCard(
  libp2p: Pick<Libp2p, 'getConnections'>,
  peer: string,
  network: string,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const connection = libp2p.getConnections(peerIdFromString(peer)).find(({ status }) => status === 'open')
  if (connection === undefined) throw new Error('there is no connection to the peer')
  const stream = await connection.newStream(cardProtocol(network), { signal, runOnLimitedConnection: true })
  const abort = (): void => {
    stream.abort(signal.reason)
  }
  if (signal.aborted) abort() // while it was being opened
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await firstFrame(stream)
  } catch (error) {
    stream.abort(error as Error)
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** Names of the decoder's errors, as against those of a stream that broke. */
const BAD_FRAMING = /^(Invalid|UnexpectedEOF)/

/**
 * The first frame; the stream is closed behind it. The decoder refuses a length out of bounds before it keeps anything.
 */
async function firstFrame(stream: Stream): Promise<Uint8Array> {
  const { source } = messageStreamToDuplex(stream)
  const frames = pipe(source, (chunks) => lp.decode(chunks, { maxDataLength: MAX_CARD_BYTES }))
  try {
    for await (const frame of frames) {
      await stream.close()
      return frame.subarray()
    }
  } catch (cause) {
    if (!BAD_FRAMING.test((cause as Error).name)) throw cause
    throw new RealmeshError('PROTOCOL_ERROR', 'the peer sent something that is no card', { cause })
  }
  throw new RealmeshError('PROTOCOL_ERROR', 'the peer closed the stream without a card')
}
