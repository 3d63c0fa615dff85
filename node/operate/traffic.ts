/**
 * Bytes of the swarm by part: what each protocol of libp2p and of ours sends and receives, and what connections carry
 * in all. The difference is what queries, encryption and multiplexing take: streams of queries are not looked into,
 * which would cost each token.
 */
import type { MessageStream, Stream } from '@libp2p/interface'
import { trafficOf } from '../../discovery/guard/wire/guarded-handlers.ts'
import type { Bytes } from '../../discovery/guard/wire/in-turns.ts'

/** Bytes both ways. */
export interface PartBytes {
  readonly sent: number
  readonly received: number
}

/** Everything that connections carry, encrypted as it is. */
export const ALL_PARTS = 'all'

interface Counting {
  sent: number
  received: number
}

/**
 * A stream or a connection of libp2p: its classes for both take in what arrives by `onData`. A listener would have it
 * delivered before the protocol listens.
 */
type TakesIn = Pick<MessageStream, 'send'> & { onData?(data: Bytes): void }

export class SwarmTraffic {
  readonly #flows = new Map<string, Counting>()

  /** Counts what a connection carries. */
  readonly connection = (connection: MessageStream): void => {
    count(connection, this.#flow(ALL_PARTS))
  }

  /** Counts what a stream carries, once its protocol is settled. */
  readonly stream = (stream: Stream): void => {
    const part = trafficOf(stream.protocol)
    if (part !== 'query') count(stream, this.#flow(part))
  }

  /** By part, the whole under `ALL_PARTS`. */
  flows(): ReadonlyMap<string, PartBytes> {
    return new Map([...this.#flows].map(([part, { sent, received }]) => [part, { sent, received }]))
  }

  #flow(part: string): Counting {
    const known = this.#flows.get(part)
    if (known !== undefined) return known
    const flow = { sent: 0, received: 0 }
    this.#flows.set(part, flow)
    return flow
  }
}

function count(stream: TakesIn, flow: Counting): void {
  const send = stream.send.bind(stream)
  stream.send = (data) => {
    flow.sent += data.byteLength
    return send(data)
  }
  const onData = stream.onData?.bind(stream)
  if (onData === undefined) return
  stream.onData = (data) => {
    flow.received += data.byteLength
    onData(data)
  }
}
