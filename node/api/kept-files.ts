/** The files of a user, for the gateway: what it is told to keep, and nobody else sees. */
import type { NewFile, UserFile } from '../../core/batch/user-file.ts'

export interface KeptFiles {
  /** Makes a file of which nothing has come yet. Throws `NODE_LIMIT`, `STORAGE_FULL`, `STORAGE_DAMAGED`. */
  begin(user: string, file: NewFile): Promise<void>
  /** Resolves once the bytes are safe. Throws as `begin`. */
  append(user: string, id: string, bytes: Buffer): Promise<void>
  /** The file is whole, and from now on there. `about`: what was told behind it. */
  finish(user: string, id: string, about?: Partial<NewFile>): Promise<UserFile>
  /** Throws `FILE_NOT_FOUND` for what is not there, or another user's. */
  take(user: string, id: string): Promise<UserFile>
  /** In no order. */
  list(user: string): Promise<readonly UserFile[]>
  /** Piece by piece. */
  content(user: string, id: string): AsyncIterable<Buffer>
  /** Resolves, once it is gone, with whether there was one, whole or not. */
  remove(user: string, id: string): Promise<boolean>
}
