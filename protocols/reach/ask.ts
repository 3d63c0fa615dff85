/** Asks a peer whether it can dial this node. */
import { isIP } from 'node:net'
import type { Connection } from '@libp2p/interface'
import { pbStream } from '@libp2p/utils'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { type Clock, systemClock } from '../../core/run/clock.ts'
import { withinLimit } from '../../core/run/within-limit.ts'
import { MAX_ASKED_PORTS, MAX_REACH_BYTES, REACH_TIMEOUT_MS, reachProtocol } from './constants.ts'
import { WireReachAnswer, WireReachQuestion } from './messages.ts'

export interface ReachAnswer {
  /** The host at which the peer sees this node: an IP address where it tried to dial it. */
  readonly seen: string
  /** Whether it tried to dial it. */
  readonly tried: boolean
  /** The port at which this node answered; undefined for none. */
  readonly port: number | undefined
}

export interface AskReachOptions {
  readonly network: string
  /** Ports at which this node may answer. */
  readonly ports: readonly number[]
  readonly signal: CancelSignal
  /** @default systemClock */
  readonly clock?: Clock
}

/** Rejects when the peer does not answer, or not in time. */
export async function askReach(
  connection: Pick<Connection, 'newStream'>,
  { network, ports, signal, clock = systemClock }: AskReachOptions,
): Promise<ReachAnswer> {
  const ask = async (limited: AbortSignal): Promise<ReachAnswer> => {
    const stream = await connection.newStream(reachProtocol(network), { signal: limited, runOnLimitedConnection: true })
    try {
      const messages = pbStream(stream, { maxDataLength: MAX_REACH_BYTES })
      const question = { ports: ports.slice(0, MAX_ASKED_PORTS) }
      await messages.write(question, WireReachQuestion, { signal: limited })
      const { seen, tried, port } = await messages.read(WireReachAnswer, { signal: limited })
      await stream.close({ signal: limited })
      if (tried && !isAddress(seen)) throw new RealmeshError('PROTOCOL_ERROR', 'the peer dialled what is no address')
      return { seen, tried, port: tried && ports.includes(port) ? port : undefined }
    } catch (error) {
      stream.abort(error as Error)
      throw error
    }
  }
  return await withinLimit(signal, REACH_TIMEOUT_MS, 'no answer whether this node can be dialled', ask, clock)
}

/** Addresses are made of it later; a zone is of the peer's own machine. */
function isAddress(host: string): boolean {
  return isIP(host) !== 0 && !host.includes('%')
}
