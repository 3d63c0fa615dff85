/** Limits and times of the question whether a node can be dialled. */

/** The protocol's id; the network is part of it, so that networks never mix. */
export function reachProtocol(network: string): string {
  return `/realmesh/${network}/reach/1.0.0`
}

/** Largest message: a host and some ports. */
export const MAX_REACH_BYTES = 128

/** Ports of one question: a node listens on one, a router may give it another. */
export const MAX_ASKED_PORTS = 3

/** How long the peer that is asked tries each port: a router that drops what it did not ask for never answers. */
export const TRY_MS = 1_500

/** How long the asking node waits for the answer. */
export const REACH_TIMEOUT_MS = MAX_ASKED_PORTS * TRY_MS + 2_000

/** A peer asks one question at a time; one more for overlaps. */
export const MAX_REACH_STREAMS = 2
