/**
 * What is said of a failure to another node, and taken from one: a sentence of our own per code. Only where the request
 * itself is to blame does the asker need the engine's reason: that one is told, without what is private in it.
 */
import { cleanText } from '../../../core/clean-text.ts'
import type { ErrorCode } from '../../../core/realmesh-error.ts'
import { MAX_ERROR_TEXT_LENGTH } from '../constants.ts'

/**
 * Codes that mean the same at both ends, each with its sentence. All others (storage, configuration, the node's own
 * bugs) stay where they are.
 */
const SENTENCES = {
  BAD_REQUEST: 'the other node says that the request is wrong',
  PROMPT_TOO_LARGE: 'the prompt is larger than the other node takes',
  CONTEXT_TOO_LONG: 'the prompt does not fit the context of the model at the other node',
  CAPABILITY_MISSING: 'the model at the other node cannot do what is asked',
  MODEL_NOT_FOUND: 'the other node has no such model',
  REALM_NOT_FOUND: 'the other node has no such realm',
  SCOPE_REFUSED: 'the other node does not serve this scope',
  SHARE_REFUSED: 'the other node does not share with this one: it serves its federation, friends or itself only',
  NODE_LIMIT: 'the query is larger than the other node takes from this one',
  REALM_OVERLOADED: 'the other node takes no more queries at the moment',
  NO_WORKER: 'no engine of the other node is up',
  DRAINING: 'the other node is about to stop',
  PEER_UNREACHABLE: 'the other node could not be reached',
  PEER_LOST: 'the other node was lost',
  PROTOCOL_ERROR: 'the other node did not understand the query',
  ENGINE_BUSY: 'the engine of the other node is busy',
  ENGINE_LOADING: 'the engine of the other node loads its model',
  ENGINE_FAILED: 'the engine of the other node failed',
  ENGINE_GARBAGE: 'the engine of the other node answered what it must not',
  TIMEOUT: 'the engine of the other node gave nothing in its time',
  ANSWER_CUT: 'the answer of the other node was cut',
  CANCELLED: 'the other node dropped the query',
} as const satisfies Partial<Record<ErrorCode, string>>

/** Codes by which a node says that the request is to blame: their reasons are told. */
const REASONED: ReadonlySet<ErrorCode> = new Set([
  'BAD_REQUEST',
  'PROMPT_TOO_LARGE',
  'CONTEXT_TOO_LONG',
  'CAPABILITY_MISSING',
  'NODE_LIMIT',
])

/**
 * What a refusal must not tell, nor a peer slip in: where things lie, who listens where, and what opens doors. Each
 * begins where a word does, so that a hostile text costs little.
 */
const PRIVATE: readonly RegExp[] = [
  /(?<![a-z0-9+.-])[a-z][a-z0-9+.-]*:\/\/\S+/gi, // links, with what may be in them
  /\bbearer\s+\S+/gi,
  /\b(?:sk|pk|hf|gh[a-z]|xox[a-z]|key|token)[-_][\w-]{8,}/gi,
  /(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{32,}/gi,
  /\\\\\S+|\b[a-z]:\\\S*/gi, // folders of Windows
  /(?<![\w#/.])(?:~|\.{1,2})?\/[^\s'"`,;:)\]}]+/g, // folders; a pointer into a schema begins with #
  /(?<![\w./\\-])[\w.-]+(?:[\\/][\w.-]+)+\.(?:gguf|safetensors|bin|pt|jinja|json|ya?ml|py|cpp|cu|c|h|go|rs)\b/gi,
  /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g,
  /(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}(?![\w:])/gi,
  /(?<![\w.-])(?:localhost|[\w-]+(?:\.[\w-]+)+):\d+/gi,
]

/** What stands for each of them. */
const MASK = '…'

/** Whether the code has a meaning at the other end. */
export function crosses(code: ErrorCode): code is keyof typeof SENTENCES {
  return Object.hasOwn(SENTENCES, code)
}

/** The text that goes to, or is taken from, another node with `code`. */
export function failureText(code: keyof typeof SENTENCES, message: string): string {
  if (!REASONED.has(code)) return SENTENCES[code]
  return publicReason(message) || SENTENCES[code]
}

/** A reason without what is private in it, on one line, bounded before anything is looked for in it. */
function publicReason(text: string): string {
  const told = cleanText(text, MAX_ERROR_TEXT_LENGTH)
  return PRIVATE.reduce((left, pattern) => left.replace(pattern, MASK), told)
}
