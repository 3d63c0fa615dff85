/** The files of users, in their user data. */
import type { NewFile, UserFile } from '../../core/batch/user-file.ts'
import type { Clock } from '../../core/run/clock.ts'
import { userRef } from '../../storage/rows/keys.ts'
import type { UserData } from '../../storage/user-data.ts'
import { noSuchFile } from '../../storage/users/file-shelf.ts'
import type { KeptFiles } from '../api/kept-files.ts'

export interface UserFilesComponents {
  readonly data: Pick<UserData, 'user' | 'files'>
  readonly clock: Pick<Clock, 'wall'>
}

export class UserFiles implements KeptFiles {
  readonly #data: UserFilesComponents['data']
  readonly #clock: Pick<Clock, 'wall'>

  constructor({ data, clock }: UserFilesComponents) {
    this.#data = data
    this.#clock = clock
  }

  async begin(user: string, file: NewFile): Promise<void> {
    await this.#data.user(user)
    await this.#data.files.begin(userRef(user), file)
  }

  append(user: string, id: string, bytes: Buffer): Promise<void> {
    return this.#data.files.append(userRef(user), id, bytes)
  }

  finish(user: string, id: string, about?: Partial<NewFile>): Promise<UserFile> {
    return this.#data.files.finish(userRef(user), id, about)
  }

  async take(user: string, id: string): Promise<UserFile> {
    const file = await this.#data.files.find(userRef(user), id, this.#clock.wall())
    if (file === undefined) throw noSuchFile()
    return file
  }

  list(user: string): Promise<readonly UserFile[]> {
    return this.#data.files.list(userRef(user), this.#clock.wall())
  }

  content(user: string, id: string): AsyncIterable<Buffer> {
    return this.#data.files.content(userRef(user), id)
  }

  remove(user: string, id: string): Promise<boolean> {
    return this.#data.files.remove(userRef(user), id)
  }
}
