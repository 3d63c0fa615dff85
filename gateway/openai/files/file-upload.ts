/**
 * A file that a program uploads: kept piece by piece as it arrives, so that no more of it is in memory than one piece,
 * and forgotten again when it breaks off or says something that is wrong.
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import type { UserFile } from '../../../core/batch/user-file.ts'
import { BadField, checkValue } from '../../../core/check-value.ts'
import { cleanText } from '../../../core/clean-text.ts'
import { type FormBody, readForm } from '../../forms/form-body.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import { GatheredBytes } from '../../request/gathered-bytes.ts'

/** Bytes of one file: what OpenAI allows for a batch. */
export const MAX_UPLOAD_BYTES = 200 * 1024 * 1024

/** Longest name of a file, characters. */
export const MAX_FILE_NAME = 255

/** What is kept at once: few commits, little memory. */
const CHUNK_BYTES = 1024 * 1024

/** How long a file is kept whose sender says nothing, and the shortest and longest time that may be asked for, s. */
const DEFAULT_KEPT_S = 30 * 24 * 3600
const SHORTEST_KEPT_S = 3600

export const uploadSchema = z.object({
  purpose: z.enum(['batch', 'user_data', 'vision', 'assistants', 'evals', 'fine-tune'], {
    error: 'expected batch, user_data, vision, assistants, evals or fine-tune',
  }),
  'expires_after[anchor]': z.literal('created_at').optional(),
  'expires_after[seconds]': z.coerce.number().int().min(SHORTEST_KEPT_S).max(DEFAULT_KEPT_S).optional(),
})

/** Resolves once the file is safe. Throws what the form, the fields or the space of the user are wrong in. */
export async function takeUpload(
  { node, clock }: GatewayContext,
  user: string,
  request: IncomingMessage,
): Promise<UserFile> {
  const { files } = node
  const at = clock.wall()
  const id = `file-${randomBytes(12).toString('hex')}`
  await files.begin(user, { id, name: '', purpose: '', at, expiresAt: at + DEFAULT_KEPT_S * 1000 })
  const chunks = new Chunks(CHUNK_BYTES, (bytes) => files.append(user, id, bytes))
  try {
    const form = await readForm(request, { maxFileBytes: MAX_UPLOAD_BYTES, write: (bytes) => chunks.add(bytes) })
    await chunks.flush()
    const { name, purpose, keptS } = aboutFile(form)
    return await files.finish(user, id, { name, purpose, expiresAt: at + keptS * 1000 })
  } catch (thrown) {
    await files.remove(user, id)
    throw thrown
  }
}

function aboutFile({ file, fileField, fields }: FormBody) {
  if (file === undefined || fileField !== 'file') throw new BadField('file', 'is missing')
  const told = checkValue(uploadSchema, fields)
  const name = cleanText(file.fileName).slice(0, MAX_FILE_NAME)
  return {
    name: name === '' ? 'file' : name,
    purpose: told.purpose,
    keptS: told['expires_after[seconds]'] ?? DEFAULT_KEPT_S,
  }
}

/** Bytes gathered until they are worth a commit. */
class Chunks {
  readonly #size: number
  readonly #write: (bytes: Buffer) => Promise<void>
  readonly #held = new GatheredBytes()

  constructor(size: number, write: (bytes: Buffer) => Promise<void>) {
    this.#size = size
    this.#write = write
  }

  async add(bytes: Buffer): Promise<void> {
    this.#held.add(bytes)
    if (this.#held.length >= this.#size) await this.flush()
  }

  async flush(): Promise<void> {
    if (this.#held.length > 0) await this.#write(this.#held.take())
  }
}
