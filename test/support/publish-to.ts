/** Gossip that arrives. */
import type { PeerId } from '@libp2p/interface'
import { untilAnswer } from './until.ts'

/** What is used of gossipsub. */
export interface Publishing {
  publish(topic: string, data: Uint8Array): Promise<{ readonly recipients: readonly PeerId[] }>
}

/**
 * Publishes `data`, again and again until it goes out to `peer`. Gossipsub opens a stream of its own some time after it
 * heard that the peer listens; until then what is published goes nowhere, and nothing says so.
 */
export async function publishTo(pubsub: Publishing, peer: PeerId, topic: string, data: Uint8Array): Promise<void> {
  const isTo = ({ recipients }: Awaited<ReturnType<Publishing['publish']>>): boolean =>
    recipients.some((each) => each.equals(peer))
  await untilAnswer('what is published goes out', () => pubsub.publish(topic, data), isTo)
}
