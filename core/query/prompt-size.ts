/**
 * How much text a query may hold. One count for both ends: where a gateway takes a query in, and where a peer does,
 * which is why whatever a gateway takes can travel. Pictures have bounds of their own, and so has the answer so far
 * that is continued.
 */

import { RealmeshError } from '../realmesh-error.ts'

/** Most text in one query, images left out. About 250,000 tokens: more than home rigs can hold in memory. */
export const MAX_PROMPT_BYTES = 1024 * 1024

/**
 * UTF-16 units of an answer so far that can be handed to another worker to go on with: about 250,000 tokens. A longer
 * answer is not continued when it breaks.
 */
export const MAX_PREFILL_LENGTH = 1024 * 1024

/** What JSON makes of one byte at worst: a control character is written as `\u0001`. */
export const JSON_BYTES_PER_BYTE = 6

/**
 * Counted for each text beside its bytes: in JSON it has a key, quotes and its share of brackets, six times this at
 * most.
 */
const BYTES_PER_TEXT = 16

/** UTF-8 never needs more than three bytes for one UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3

/**
 * Throws `PROMPT_TOO_LARGE` when the texts together are over the bound. Bytes are counted only where their number can
 * matter.
 */
export function assertTextFits(texts: readonly string[]): void {
  let units = 0
  for (const text of texts) units += text.length
  const around = texts.length * BYTES_PER_TEXT
  if (units * MAX_BYTES_PER_UNIT + around <= MAX_PROMPT_BYTES) return
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), around)
  if (bytes <= MAX_PROMPT_BYTES) return
  throw new RealmeshError('PROMPT_TOO_LARGE', `the prompt has ${bytes} bytes of text; ${MAX_PROMPT_BYTES} are taken`, {
    fix: 'shorten the conversation or send the document in parts',
  })
}
