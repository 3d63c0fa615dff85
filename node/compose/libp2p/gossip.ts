/** Gossipsub as this network uses it: signed messages, own topics only, bounded. */
import { gossipsub } from '@chainsafe/libp2p-gossipsub'

/**
 * Largest gossip message that is decoded. Load records are at most 512 bytes; the rest is the control messages' room.
 */
const MAX_GOSSIP_BYTES = 16 * 1024

/** One field of a gossip message as a string of bytes, for the message id. */
function raw(bytes: Uint8Array | null | undefined): string {
  return bytes == null ? '' : Buffer.from(bytes).toString('latin1')
}

/** The service; nothing but `allowedTopics` is ever subscribed to. */
export function gossip(allowedTopics: readonly string[]) {
  return gossipsub({
    globalSignaturePolicy: 'StrictSign',
    floodPublish: false,
    fallbackToFloodsub: false,
    emitSelf: false,
    // Peers of one home share an address, whether behind a router or on one machine: by default, from some dozen on
    // none of them is heard any more. What one peer, one author and all together may send is bounded by
    // discovery/load/load-limits.ts.
    scoreParams: { IPColocationFactorWeight: 0 },
    allowPublishToZeroTopicPeers: true,
    runOnLimitedConnection: true,
    allowedTopics: [...allowedTopics],
    maxInboundDataLength: MAX_GOSSIP_BYTES,
    maxOutboundBufferSize: 2 ** 20,
    // Saves verifying every duplicate of the mesh again; the signature is part of the id so that a forgery cannot take
    // its place.
    fastMsgIdFn: (message) => message.topic + raw(message.from) + raw(message.seqno) + raw(message.signature),
  })
}
