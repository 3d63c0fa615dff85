/** Limits and times of pairing. */

/** The protocol's id; the network is part of it, so that networks never mix. */
export function pairProtocol(network: string): string {
  return `/realmesh/${network}/pair/1.0.0`
}

/** Bytes that each end chooses at random: nobody guesses them behind their hash. */
export const PAIR_NONCE_BYTES = 32
/** Bytes of a SHA-256. */
export const COMMITMENT_BYTES = 32

/** Digits that two people can compare aloud; one guess in a million. */
export const DIGITS = 6

/** Largest message of the conversation: a federation's key and some names take 300 bytes. */
export const MAX_PAIR_FRAME_BYTES = 2048
/** A peer has one conversation at a time; a second one may begin before the first has quite ended. */
export const MAX_PAIR_STREAMS = 2

/** How long an owner has to come to the asked node and answer: time to walk through a house. */
export const OWNER_ANSWERS_MS = 5 * 60_000
/** How long both owners have to compare. */
export const COMPARE_MS = 3 * 60_000
/** How long the nodes have for what needs nobody: nonces, the key, its being kept. */
export const PAIR_STEP_MS = 30_000
/** A sign of life so often: streams that are silent for two minutes are cut. */
export const ALIVE_EVERY_MS = 20_000
