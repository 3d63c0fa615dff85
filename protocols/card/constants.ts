/** Limits and times of cards. */

/** The protocol's id; the network is part of it, so that networks never mix. */
export function cardProtocol(network: string): string {
  return `/realmesh/${network}/card/1.0.0`
}

/** Largest card, signature and all. */
export const MAX_CARD_BYTES = 64 * 1_024
export const MAX_CARD_MODELS = 256
export const MAX_CARD_REALMS = 32
/** Types of query that a model names, and capabilities that are unsure: later versions know more than this one. */
export const MAX_CARD_TYPES = 32
export const MAX_CARD_CAPABILITIES = 64
/** Voices of all models of an own card: two engines' worth; names of the longest kind still leave room for the rest. */
export const MAX_CARD_VOICES = 256
/** More addresses than a host has ways in are an attack on those that would dial them. */
export const MAX_CARD_ADDRESSES = 8
/** Characters of the name that an owner gives a node or federation. */
export const MAX_LABEL_LENGTH = 64
/** Characters of how its owner is reached: an address, or the link of a page. */
export const MAX_CONTACT_LENGTH = 128
/** Characters of a version, an address or a short property of a model. */
export const MAX_WORD_LENGTH = 256

/** Largest federation certificate. */
export const MAX_CERTIFICATE_BYTES = 1_024
/** Certificates are issued anew at each start; a node that runs for a year without one is asked to restart. */
export const CERTIFICATE_LIFE_MS = 365 * 24 * 3_600_000
/**
 * How much earlier than its issue a certificate holds: a machine that takes local time for UTC is up to 14 hours off.
 */
export const CERTIFICATE_SKEW_MS = 86_400_000

/** How long giving or getting one card may take: a stream and 64 kB over an open connection, also of a slow line. */
export const CARD_TIMEOUT_MS = 5_000
/** A peer asks for one card at a time; a few more for overlaps. */
export const MAX_CARD_STREAMS = 4
