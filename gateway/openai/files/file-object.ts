/** A file as OpenAI writes one. */
import type { UserFile } from '../../../core/batch/user-file.ts'

export function fileObject({ id, name, purpose, bytes, at, expiresAt }: UserFile): object {
  return {
    id,
    object: 'file',
    bytes,
    created_at: Math.floor(at / 1000),
    expires_at: Math.floor(expiresAt / 1000),
    filename: name,
    purpose,
    status: 'processed',
    status_details: null,
  }
}
