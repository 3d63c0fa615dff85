/** Limits and times of the query protocol. The page README.md tells what they are for in use. */

import type { QueryType } from '../../core/query/query.ts'
import { MAX_AUDIO_BYTES, MAX_EDIT_BYTES } from '../../core/query/query-limits.ts'

/** The protocol's id; the network is part of it, so that networks never mix. */
export function queryProtocol(network: string): string {
  return `/realmesh/${network}/query/1.0.0`
}

const KIB = 1_024
const MIB = 1_024 * KIB

/**
 * Longest frame that is read. Writers stay below half of it; the rest is room for one event that just did not fit
 * before.
 */
export const MAX_FRAME_BYTES = 128 * KIB

/**
 * A writer closes a frame when its events have reached this size: small enough that one lane does not hold up the
 * others.
 */
export const TARGET_FRAME_BYTES = 48 * KIB

/** Bytes of a picture, vector or body in one frame. */
export const PIECE_BYTES = 48 * KIB

/** UTF-16 units of text in one event on the wire: at most 48 KiB of UTF-8. Longer texts travel as several events. */
export const TEXT_PIECE_LENGTH = 16 * KIB

/** A writer closes a frame when it has so many events: a frame is read in one turn of the event loop. */
export const TARGET_EVENTS_PER_FRAME = 512

/** Events that are read from one frame: some hundredths of a second on their way through a node. */
export const MAX_EVENTS_PER_FRAME = 1_024

/** Bytes of frames that wait for a slow consumer before the peer is paused. The stream's own window comes on top. */
export const READ_HIGH_BYTES = 256 * KIB

/** The peer may go on when fewer bytes wait. */
export const READ_LOW_BYTES = 64 * KIB

/**
 * Longest body without pictures: all the text that a gateway takes (1 MiB, see core/query/prompt-size.ts) as JSON has
 * six times its bytes at worst, and 2 MiB are for the answer so far that is to be continued. The text itself is counted
 * again on arrival.
 */
export const MAX_BODY_BYTES = 8 * MIB

/** Longest body with pictures (base64 included). */
export const MAX_VISION_BODY_BYTES = 16 * MIB

/**
 * Values in the JSON of a body, each object, list, text and number: the longest conversation that a gateway takes has
 * some 100,000. What reading a body costs grows with its values more than with its bytes.
 */
export const MAX_BODY_VALUES = 131_072

/** Bytes of all bodies that nodes of the own federation send at this moment. */
export const MAX_RECEIVING_BYTES = 128 * MIB

/**
 * The same of all other peers together: apart, so that no stranger can take the room of the owner's nodes. Two bodies
 * with pictures from each of two peers.
 */
export const MAX_FOREIGN_RECEIVING_BYTES = 64 * MIB

/** Largest picture in an answer. */
export const MAX_BLOB_BYTES = 32 * MIB

/** Largest preview that is shown while a picture is drawn; a larger one is left out. Engines send some 100 KiB. */
export const MAX_PREVIEW_BYTES = 2 * MIB

/** Bytes of frames of one answer in text: that of the longest answer, a token a frame, twice. */
export const MAX_TEXT_ANSWER_BYTES = 16 * MIB

/** Bytes of all pictures of one answer: what is taken from an engine, too. */
export const MAX_DRAWN_BYTES = 128 * MIB

/** Bytes of all that is spoken in one answer: 22 minutes of uncompressed speech, taken from an engine too. */
export const MAX_SPOKEN_BYTES = 64 * MIB

/**
 * Longest body with a recording: OpenAI's 25 MiB, and 4 MiB for what is said of it. Half of what is received of
 * strangers at once is more.
 */
export const MAX_AUDIO_BODY_BYTES = 29 * MIB

/** Longest body with a picture to begin a drawing with, and its mask: core's bound of both, and a prompt. */
export const MAX_EDIT_BODY_BYTES = MAX_BODY_BYTES + 16 * MIB

/**
 * Longest body of each type, in bytes of JSON, and of a recording or pictures behind it. In its JSON only a vision
 * query may hold pictures, and one that counts them.
 */
export const BODY_LIMIT: Readonly<Record<QueryType, number>> = {
  chat: MAX_BODY_BYTES,
  vision: MAX_VISION_BODY_BYTES,
  imagine: MAX_EDIT_BODY_BYTES,
  embed: MAX_BODY_BYTES,
  rerank: MAX_BODY_BYTES,
  tokens: MAX_VISION_BODY_BYTES,
  transcribe: MAX_AUDIO_BODY_BYTES,
  speak: MAX_BODY_BYTES,
}

/** Bytes behind the JSON: of the types that have any. */
export const RAW_LIMIT: Readonly<Partial<Record<QueryType, number>>> = {
  transcribe: MAX_AUDIO_BYTES,
  imagine: MAX_EDIT_BYTES,
}

/** Bytes of one vector of an answer: 16,384 dimensions. */
export const MAX_VECTOR_BYTES = 64 * KIB

/** Events of one answer: a token each, and twice the tokens of any context that a home rig holds. */
export const MAX_ANSWER_EVENTS = 262_144

/** Events of one answer that are read in a second: four times what the fastest engine decodes, 4 % of a processor. */
export const ANSWER_EVENTS_PER_SECOND = 4_000

/** Events that are read at once all the same: an answer that lay ready, such as a cached one. */
export const ANSWER_EVENT_BURST = 8_192

/** Pictures, vectors and tool calls of an answer are numbered below this. */
export const MAX_INDEX = 4_096

/** Bytes of load on a reply: some 80 models. */
export const MAX_REPLY_LOAD_BYTES = 4 * KIB

/** Statements of load that are read of one answer: the first frame carries one, and the last. */
export const MAX_LOADS_PER_ANSWER = 64

/** Characters that are kept of a peer's error message or hint. */
export const MAX_ERROR_TEXT_LENGTH = 300

/** Longest `Retry-After` that is believed. */
export const MAX_PEER_RETRY_AFTER_MS = 3_600_000

/** Characters of a query's id and of a user's pseudonym. */
export const MAX_ID_LENGTH = 128

/** Lanes of one peer, each way, unless configured: more than a home rig has slots. */
export const DEFAULT_LANES_PER_PEER = 32

/** How many lanes one peer may have: the same for all, or by peer id. */
export type LaneLimit = number | ((peer: string) => number)

/** The number of lanes that `limit` grants to `peer`. */
export function lanesOf(limit: LaneLimit, peer: string): number {
  return typeof limit === 'number' ? limit : limit(peer)
}

/** Lanes for peers that the operator trusts (the own federation): below the streams that a connection may have. */
export const TRUSTED_LANES_PER_PEER = 900

/** Streams per connection that libp2p lets through; the count per peer above is what refuses with an answer. */
export const MAX_LANES_PER_CONNECTION = 1_000

/** Callers that may wait for a lane to one peer. */
export const MAX_LANE_WAITERS = 1_024

/** How long a caller waits for a lane before the peer counts as full. */
export const LANE_WAIT_MS = 1_000

/** How long a dial with the opening of a stream may take. */
export const LANE_DIAL_TIMEOUT_MS = 5_000

/** How long the opening may take where there is a connection: one round trip, so a peer that needs longer is silent. */
export const OPEN_TIMEOUT_MS = 1_500

/** Loading a large model from a slow disk takes minutes; heartbeats tell that the peer lives meanwhile. */
export const FIRST_EVENT_TIMEOUT_MS = 300_000

/** Pause within an answer after which the engine counts as stuck. */
export const BETWEEN_EVENTS_TIMEOUT_MS = 60_000

/**
 * No byte for this long, and four round trips more, means that the peer is gone: four heartbeats. With 1,500 ms the gap
 * that a client saw was over two seconds once in twenty.
 */
export const SILENCE_TIMEOUT_MS = 1_250

/** Round trips that widen the silence. */
export const SILENCE_RTT_FACTOR = 4

/** A measured round trip is believed up to this: a stuck first frame must not stretch the silence for long. */
export const MAX_RTT_MS = 500

/** Until it is measured a round trip is taken for at most this: the opening of a lane may hold a whole dial. */
export const MAX_GUESSED_RTT_MS = 50

/** A server that had nothing to send for this long says that it lives. */
export const HEARTBEAT_MS = 300

/** How often open queries are looked at, on both sides. */
export const WATCH_INTERVAL_MS = 100

/** How often lanes at rest are looked at. */
export const HOUSEKEEPING_INTERVAL_MS = 10_000

/** The asker closes a lane that rested this long. */
export const IDLE_LANE_MS = 60_000

/** The server closes one after this: later than the asker, so that both never meet. */
export const IDLE_INBOUND_LANE_MS = 300_000

/**
 * How long an asker may leave an answer unread: it holds a slot of ours. Longer than gateways wait for a client that
 * reads nothing.
 */
export const STALLED_ASKER_MS = 150_000

/**
 * Bytes of a refused query that still come: an asker stops when it hears, and has no more on the way than the window of
 * a stream holds.
 */
export const MAX_DISCARDED_BYTES = 2 * MIB

/** Bytes a second with which a query arrives at least, on average: a quarter of the slowest home line. */
export const MIN_RECEIVE_RATE = 32 * KIB

/** How long a query may take to arrive at any rate. */
export const RECEIVE_GRACE_MS = 10_000

/** No room in the stream's window for this long while a query is being sent: the peer does not read. */
export const UPLOAD_STALL_MS = 10_000
