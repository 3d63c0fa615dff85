/**
 * Moves users from shard to shard while queries run: note the intent, copy, compare, switch, remove the old rows.
 * Changes to a user wait meanwhile; reads go on. The switch is one commit of the index, so at any crash the user lives
 * in exactly one shard, and `heal` removes what is left in the other.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { MoveIntent, UserPlaces } from '../index/user-places.ts'
import { isAccountKey, type UserRef } from '../rows/keys.ts'
import { putRows, removeKeys, removeUsers, userRows } from '../rows/user-rows.ts'
import type { ShardRecord } from '../shard/record-reader.ts'
import type { Shard } from '../shard/shard.ts'
import { storageError } from '../store/store-error.ts'
import type { UserGate } from './user-gate.ts'

/** Pause between looks at an index that does not reopen. */
const RETRY_MS = 500

/** Users whose rows are read at once. */
const READ_AHEAD = 16

/** Rows copied in one commit. */
const COPY_CHUNK = 1_000

export interface UserMoverComponents {
  readonly places: UserPlaces
  /** The index's own store. */
  readonly index: Pick<Shard, 'refusal' | 'recover'>
  readonly gate: UserGate
  /** The open shard of that name; undefined when it is out of service or unknown. */
  readonly shard: (name: string) => Shard | undefined
  /** Name of the shard in which the user lives now. */
  readonly placeOf: (user: UserRef) => string
}

export class UserMover {
  readonly #places: UserPlaces
  readonly #index: UserMoverComponents['index']
  readonly #gate: UserGate
  readonly #shard: (name: string) => Shard | undefined
  readonly #placeOf: (user: UserRef) => string

  constructor(components: UserMoverComponents) {
    this.#places = components.places
    this.#index = components.index
    this.#gate = components.gate
    this.#shard = components.shard
    this.#placeOf = components.placeOf
  }

  /**
   * Moves those of the users who live in `from`; resolves with how many. Throws when a shard is out of service or a
   * copy differs: then nobody has moved.
   */
  async move(refs: readonly UserRef[], from: string, to: string, pinned = false): Promise<number> {
    if (from === to) return 0
    const held = refs.map(({ key }) => key)
    return await this.#gate.hold(held, async () => {
      // One of them may have moved since the caller looked: what lies in `to` would then be the user's only copy.
      const users = refs.filter((user) => this.#placeOf(user) === from).map(({ key }) => key)
      if (users.length === 0) return 0
      const source = this.#required(from)
      const target = this.#required(to)
      await source.flush()
      const moves = new Map(users.map((user): [string, MoveIntent] => [user, { from, to, switched: false }]))
      await this.#endEarlierMoves(users)
      await this.#places.beginMoves(moves)
      let copied: readonly string[]
      try {
        copied = await copyUsers(users, source, target)
        await this.#places.switchUsers(moves, pinned)
      } catch (cause) {
        await this.#learnState(users)
        await this.heal(users)
        throw cause
      }
      await removeKeys(source, copied)
      await this.#places.endMoves(users)
      return users.length
    })
  }

  /**
   * Finishes or undoes moves that were cut off; `only` these users, default all. Moves of shards out of service are
   * left.
   */
  async heal(only?: readonly string[]): Promise<number> {
    const wanted = only === undefined ? undefined : new Set(only)
    const ended: string[] = []
    for (const [user, move] of await this.#places.moves()) {
      if (wanted !== undefined && !wanted.has(user)) continue
      const stale = this.#shard(move.switched ? move.from : move.to)
      if (stale === undefined) continue
      await removeUsers(stale, [user])
      ended.push(user)
    }
    if (ended.length > 0) await this.#places.endMoves(ended)
    return ended.length
  }

  /**
   * What an earlier, cut-off move left somewhere has to go first: a second intent would make us forget where it lies.
   */
  async #endEarlierMoves(users: readonly string[]): Promise<void> {
    const cutOff = await this.#places.moving(users)
    if (cutOff.length === 0) return
    await this.heal(cutOff)
    if ((await this.#places.moving(cutOff)).length > 0) {
      throw new RealmeshError('STORAGE_DAMAGED', 'an earlier move cannot be finished: a shard is out of service')
    }
  }

  /**
   * After a failed write of the index the medium may hold either state, and a guess could remove the wrong copy. So the
   * users stay held until the index was reopened and read; if it is closed meanwhile, the next start will look.
   */
  async #learnState(users: readonly string[]): Promise<void> {
    while (this.#index.refusal !== undefined) {
      try {
        await this.#index.recover()
      } catch (thrown) {
        const error = storageError(thrown, 'the index')
        if (error.code === 'STORAGE_CLOSED') throw error
        await delay(RETRY_MS)
      }
    }
    await this.#places.reload(users)
  }

  #required(name: string): Shard {
    const shard = this.#shard(name)
    if (shard === undefined) throw new RealmeshError('STORAGE_DAMAGED', `shard ${name} is out of service`)
    return shard
  }
}

/**
 * Copies and compares. Resolves with the keys that were copied, accounts last. The users are held, so the source stands
 * still.
 */
async function copyUsers(users: readonly string[], source: Shard, target: Shard): Promise<readonly string[]> {
  const keys: string[] = []
  const accounts: string[] = []
  let chunk: ShardRecord<object>[] = []
  const flush = async (): Promise<void> => {
    const rows = chunk
    chunk = []
    if (rows.length === 0) return
    await putRows(target, rows)
    await compareRows(rows, target)
    for (const { key } of rows) (isAccountKey(key) ? accounts : keys).push(key)
  }
  for (let at = 0; at < users.length; at += READ_AHEAD) {
    const readers = users.slice(at, at + READ_AHEAD).map((user) => userRows(source, user))
    const firsts = await Promise.all(readers.map((reader) => reader.next()))
    for (const [index, first] of firsts.entries()) {
      if (first.done === true) continue
      chunk.push(...first.value)
      for await (const page of readers[index] ?? []) {
        chunk.push(...page)
        if (chunk.length >= COPY_CHUNK) await flush()
      }
      if (chunk.length >= COPY_CHUNK) await flush()
    }
  }
  await flush()
  return [...keys, ...accounts]
}

async function compareRows(rows: readonly ShardRecord<object>[], target: Shard): Promise<void> {
  const copies = await target.getMany<object>(rows.map(({ key }) => key))
  for (const [index, { value }] of rows.entries()) {
    if (JSON.stringify(copies[index]) !== JSON.stringify(value)) {
      throw new RealmeshError('STORAGE_FAILED', 'a moved user differs from the original, which stays in use')
    }
  }
}
