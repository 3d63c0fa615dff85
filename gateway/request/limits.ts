/** Everything that a client can make grow, with its bound and the reason for it. */

/**
 * Largest body that is parsed. Room for a few phone photos as base64; text alone is held to `MAX_PROMPT_BYTES` of core.
 */
export const MAX_REQUEST_BYTES = 16 * 1024 * 1024

/** What is read of a refused body before its connection is cut: a whole form whose file is twice too large. */
export const MAX_DRAINED_BYTES = 64 * 1024 * 1024

/** Fields of a form beside its file: OpenAI's longest has a dozen, lists of speakers apart. */
export const MAX_FORM_FIELDS = 64

/** Bytes of one such field: a prompt of some pages. */
export const MAX_FORM_FIELD_BYTES = 64 * 1024

/**
 * Bytes of files that all clients have uploaded and nobody has answered yet, those of queries in a queue among them:
 * ten of the longest recordings.
 */
export const MAX_HELD_FORM_BYTES = 256 * 1024 * 1024

/**
 * Deepest nesting of a body. JSON schemas of tools take two or three levels per nested object; deeper is no program's
 * honest need.
 */
export const MAX_JSON_DEPTH = 64

/**
 * Values in a body, each object, list, text and number: an agent's longest history has some ten thousand. What a body
 * costs grows with its values more than with its bytes: 16 MiB of `{}` were gigabytes.
 */
export const MAX_JSON_VALUES = 131_072

/** Messages of a chat, parts of a message, tools and calls of tools: what a body to a peer may hold. */
export const MAX_CHAT_MESSAGES = 16_384
export const MAX_CHAT_PARTS = 4_096
export const MAX_CHAT_TOOLS = 4_096

/** Images asked for in one call. */
export const MAX_IMAGES_WANTED = 10

/** Inputs in one call for embeddings: what OpenAI allows. */
export const MAX_EMBEDDING_INPUTS = 2048

/** How often half heads are looked for that have had their time, and how late they may be found. Node's own is 30 s. */
export const HEADS_CHECKED_EVERY_MS = 1_000

/** Header bytes and header lines of one request; the `openai` package sends about 20 lines. */
export const MAX_HEADER_BYTES = 16 * 1024
export const MAX_HEADERS = 64

/** Time for the head of a request, and for the whole request. Answers have no limit here: the node bounds them. */
export const HEADERS_TIMEOUT_MS = 10_000
export const REQUEST_TIMEOUT_MS = 60_000

/** How long an idle connection is kept for the client's next request. */
export const KEEP_ALIVE_MS = 65_000

/** Silence in an answer before a comment shows that we are alive. Proxies and clients give up at 30 s and more. */
export const PING_EVERY_MS = 15_000

/** Text that waits for the end of the tick before it is written at once. */
export const MAX_PENDING_CHARS = 64 * 1024

/** How long a client may leave its answer unread before it counts as gone: its back-pressure holds a GPU slot. */
export const STALLED_READER_MS = 120_000
