/**
 * Answers that users may come back to: in their user data where they keep history, else in memory only and for a while,
 * so that a conversation can go on that leaves nothing on the disk.
 */
import { LRUCache } from 'lru-cache'
import { defined } from '../../core/defined.ts'
import type { Logger } from '../../core/logger.ts'
import { userKey } from '../../core/query/query.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { userRef } from '../../storage/rows/keys.ts'
import type { UserData } from '../../storage/user-data.ts'
import type { FoundText, KeepOptions, KeptResponses, KeptText, UnfinishedResponse } from '../api/kept-responses.ts'

/** UTF-16 units of all responses in memory together; the oldest go. Some thousand conversations without pictures. */
export const MAX_REMEMBERED_TEXT = 32 * 1024 * 1024

/** And of one user, so that one program does not push out the conversations of others. A longer text is not kept. */
export const MAX_REMEMBERED_TEXT_OF_USER = 8 * 1024 * 1024

/** How long a response stays in memory, milliseconds: tools and people answer within it. */
export const REMEMBERED_FOR_MS = 3_600_000

export interface UserResponsesComponents {
  readonly data: Pick<UserData, 'user' | 'users' | 'responses'>
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: Logger
}

export interface UserResponsesInit {
  /** This node's peer id. */
  readonly self: string
}

interface Remembered {
  readonly user: string
  readonly kept: KeptText
  /** By the monotonic clock. */
  readonly until: number
}

/** What stands in memory of one user. */
interface UserShare {
  /** Keys of the memory, the oldest first. */
  readonly places: Set<string>
  /** UTF-16 units. */
  length: number
}

export class UserResponses implements KeptResponses {
  readonly #data: UserResponsesComponents['data']
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #log: Logger
  readonly #self: string
  readonly #memory = new LRUCache<string, Remembered>({
    maxSize: MAX_REMEMBERED_TEXT,
    maxEntrySize: MAX_REMEMBERED_TEXT_OF_USER,
    sizeCalculation: ({ kept }, key) => kept.text.length + key.length + 1,
    dispose: ({ user, kept }, place) => this.#unlist(user, place, kept),
  })
  readonly #shares = new Map<string, UserShare>()

  constructor({ data, clock, log }: UserResponsesComponents, { self }: UserResponsesInit) {
    this.#data = data
    this.#clock = clock
    this.#log = log
    this.#self = self
  }

  async keep(user: string, id: string, kept: KeptText, { behind, runs }: KeepOptions = {}): Promise<boolean> {
    const place = userKey(user, id)
    // Found at once, and there for the while where the user data does not take it.
    this.#remember(user, place, kept)
    try {
      await this.#data.user(user)
      const options = { ...defined({ behind }), ...(runs === true && { runsAt: this.#self }) }
      const isSafe = await this.#data.responses.keep(userRef(user), { id, ...kept }, options)
      if (isSafe) this.#forget(place, kept)
      return isSafe
    } catch (thrown) {
      this.#log.warn({ code: toRealmeshError(thrown).code }, 'a response is kept in memory only')
      return false
    }
  }

  append(user: string, id: string, piece: () => string): Promise<boolean> {
    return this.#data.responses.running.append(userRef(user), id, piece)
  }

  async find(user: string, id: string): Promise<FoundText | undefined> {
    const place = userKey(user, id)
    const remembered = this.#memory.get(place)
    if (remembered !== undefined && remembered.until > this.#clock.monotonic()) return remembered.kept
    this.#memory.delete(place)
    const found = await this.#data.responses.find(userRef(user), id)
    if (found?.running === undefined) return found
    const { at, text, running } = found
    return { at, text, pieces: running.pieces, runs: running.by === this.#self ? 'here' : 'elsewhere' }
  }

  async remove(user: string, id: string): Promise<boolean> {
    const remembered = this.#memory.delete(userKey(user, id))
    return (await this.#data.responses.remove(userRef(user), id)) || remembered
  }

  async *unfinished(): AsyncGenerator<UnfinishedResponse> {
    const { users, responses } = this.#data
    for await (const { guid: user } of users.all()) {
      for (const id of await responses.running.unfinished(userRef(user), this.#self)) yield { user, id }
    }
  }

  /** Forgets what stands in memory of a user whose data is erased. */
  forgetUser(user: string): void {
    for (const place of this.#shares.get(user)?.places ?? []) this.#memory.delete(place)
  }

  #remember(user: string, place: string, kept: KeptText): void {
    this.#memory.set(place, { user, kept, until: this.#clock.monotonic() + REMEMBERED_FOR_MS })
    if (!this.#memory.has(place)) return // it is too long
    const share = this.#shares.get(user) ?? { places: new Set(), length: 0 }
    this.#shares.set(user, share)
    share.places.add(place)
    share.length += kept.text.length
    for (const oldest of share.places) {
      if (share.length <= MAX_REMEMBERED_TEXT_OF_USER) return
      this.#memory.delete(oldest)
    }
  }

  #unlist(user: string, place: string, { text }: KeptText): void {
    const share = this.#shares.get(user)
    if (share?.places.delete(place) !== true) return
    share.length -= text.length
    if (share.places.size === 0) this.#shares.delete(user)
  }

  #forget(place: string, kept: KeptText): void {
    if (this.#memory.peek(place)?.kept === kept) this.#memory.delete(place)
  }
}
