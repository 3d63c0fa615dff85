/**
 * `/realmesh/<network>/standing/1.0.0`: a node tells another one what that is to it, and is told the same. Each owner
 * decides alone who is a friend; the other one learns of it here, at once, rather than by a refusal.
 */
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { pbStream } from '@libp2p/utils'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Clock } from '../../core/run/clock.ts'
import { withinLimit } from '../../core/run/within-limit.ts'
import { isRelation, type Relation } from '../../core/scope.ts'
import { WireStanding } from './messages.ts'

/** One word. */
const MAX_STANDING_BYTES = 64
/** How long an exchange may take: two words, and the other end may have to fetch a card before it answers. */
export const STANDING_MS = 10_000
/** A peer tells of a change when there is one; a second may follow before the first was answered. */
export const MAX_STANDING_STREAMS = 2

export function standingProtocol(network: string): string {
  return `/realmesh/${network}/standing/1.0.0`
}

export interface ExchangeOptions {
  readonly network: string
  readonly signal: CancelSignal
  readonly clock: Clock
}

/** Tells the peer at the other end what it is to us; resolves with what we are to it. */
export async function exchangeStanding(
  connection: Pick<Connection, 'newStream'>,
  relation: Relation,
  { network, signal, clock }: ExchangeOptions,
): Promise<Relation> {
  const run = async (limited: AbortSignal): Promise<Relation> => {
    const stream = await connection.newStream(standingProtocol(network), {
      signal: limited,
      runOnLimitedConnection: true,
    })
    return await closedWell(stream, async () => {
      await write(stream, relation, limited)
      return await read(stream, limited)
    })
  }
  return await withinLimit(signal, STANDING_MS, 'the peer did not say what we are to it', run, clock)
}

/** Hears what this node is to a peer; resolves with what the peer is to it, which is the answer. */
export type HearStanding = (peer: string, relation: Relation) => Promise<Relation>

/** Answers peers that tell. Resolves with what ends it. */
export async function serveStandings(
  libp2p: Pick<Libp2p, 'handle' | 'unhandle'>,
  hear: HearStanding,
  { network, signal, clock }: ExchangeOptions,
): Promise<() => Promise<void>> {
  const onStream = async (stream: Stream, connection: Connection): Promise<void> => {
    const answer = (limited: AbortSignal): Promise<void> =>
      closedWell(stream, async () => {
        const ours = await hear(connection.remotePeer.toString(), await read(stream, limited))
        await write(stream, ours, limited)
      })
    await withinLimit(signal, STANDING_MS, 'the peer did not say what we are to it', answer, clock).catch(() => {})
  }
  await libp2p.handle(standingProtocol(network), onStream, {
    maxInboundStreams: MAX_STANDING_STREAMS,
    maxOutboundStreams: MAX_STANDING_STREAMS,
    runOnLimitedConnection: true,
  })
  return () => libp2p.unhandle(standingProtocol(network))
}

async function closedWell<T>(stream: Stream, run: () => Promise<T>): Promise<T> {
  try {
    const value = await run()
    await stream.close()
    return value
  } catch (error) {
    stream.abort(error as Error)
    throw error
  }
}

async function write(stream: Stream, relation: Relation, signal: AbortSignal): Promise<void> {
  await pbStream(stream, { maxDataLength: MAX_STANDING_BYTES }).write({ relation }, WireStanding, { signal })
}

async function read(stream: Stream, signal: AbortSignal): Promise<Relation> {
  const { relation } = await pbStream(stream, { maxDataLength: MAX_STANDING_BYTES }).read(WireStanding, { signal })
  if (isRelation(relation)) return relation
  throw new RealmeshError('PROTOCOL_ERROR', 'the peer said what no node is to another')
}
