/** How much text a query may hold: bodies are parsed up to the size of pictures, text has a smaller bound of its own. */
import { RealmeshError } from '../core/realmesh-error.ts'
import { MAX_PROMPT_BYTES } from './limits.ts'

/** UTF-8 never needs more than three bytes for one UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3

/** Throws `PROMPT_TOO_LARGE` when the texts together are over the bound. Bytes are counted only where their number can matter. */
export function assertTextFits(texts: readonly string[]): void {
  let units = 0
  for (const text of texts) units += text.length
  if (units * MAX_BYTES_PER_UNIT <= MAX_PROMPT_BYTES) return
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  if (bytes <= MAX_PROMPT_BYTES) return
  throw new RealmeshError('PROMPT_TOO_LARGE', `the prompt has ${bytes} bytes of text; ${MAX_PROMPT_BYTES} are taken`, {
    fix: 'shorten the conversation or send the document in parts',
  })
}
