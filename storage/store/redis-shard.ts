/**
 * A shard's bytes on a Redis or Valkey server, for several nodes over one user base. A sorted set keeps the keys in
 * order, a hash their values; a script changes both at once, and only when what the batch was computed from still
 * holds. The client is the optional package `iovalkey`: it is loaded when a connection string asks for it.
 *
 * The server answers for its own durability: with `appendonly yes` and `appendfsync always` an acknowledged write is on
 * its disk.
 */
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { ShardStore, StoreEntry, StoreOperation, StoreRange, WriteOptions } from './shard-store.ts'
import { storageError } from './store-error.ts'

/** The commands that the shard uses, as `iovalkey` types them. */
export interface RedisCommands {
  connect(): Promise<void>
  disconnect(): void
  hgetBuffer(key: string, field: string): Promise<Buffer | null>
  hmgetBuffer(key: string, ...fields: string[]): Promise<(Buffer | null)[]>
  zrangebylex(key: string, min: string, max: string, limit: 'LIMIT', offset: number, count: number): Promise<string[]>
  zrevrangebylex(
    key: string,
    max: string,
    min: string,
    limit: 'LIMIT',
    offset: number,
    count: number,
  ): Promise<string[]>
  eval(script: string, keys: number, ...args: (string | Buffer)[]): Promise<unknown>
  on(event: 'error', listener: (error: Error) => void): unknown
}

export interface RedisShardInit {
  /** `redis://`, `rediss://`, `valkey://`, `valkeys://` or `redis+unix:///path`. May hold a password. */
  readonly url: string
  /** Names the shard, and its keys on the server. */
  readonly name: string
  /** How long one command may take, milliseconds. @default 5000 */
  readonly commandTimeoutMs?: number
}

/**
 * ARGV: number of expectations, then key and value of each; number of operations, then kind, key and value of each.
 * Kinds and expectations of nothing are marked by their first byte: `-` nothing, `+` a value.
 */
const WRITE_SCRIPT = `
local at = 1
local expectations = tonumber(ARGV[at])
for i = 1, expectations do
  local key, mark = ARGV[at + 1], ARGV[at + 2]
  local held = redis.call('HGET', KEYS[2], key)
  if mark == '-' then
    if held then return 0 end
  elseif held ~= string.sub(mark, 2) then
    return 0
  end
  at = at + 2
end
at = at + 1
local operations = tonumber(ARGV[at])
for i = 1, operations do
  local key, mark = ARGV[at + 1], ARGV[at + 2]
  if mark == '-' then
    redis.call('ZREM', KEYS[1], key)
    redis.call('HDEL', KEYS[2], key)
  else
    redis.call('ZADD', KEYS[1], 0, key)
    redis.call('HSET', KEYS[2], key, string.sub(mark, 2))
  end
  at = at + 2
end
return 1
`

const PLUS = Buffer.from('+')

function marked(value: Uint8Array | undefined): string | Buffer {
  return value === undefined ? '-' : Buffer.concat([PLUS, value])
}

/**
 * Loads the client and prepares the store; it connects at `open`. Throws `CONFIG_INVALID` when the client is not
 * installed.
 */
export async function redisShard(init: RedisShardInit): Promise<ShardStore> {
  const client = await import('iovalkey').catch((cause: unknown) => {
    throw new RealmeshError('CONFIG_INVALID', 'a shard on a Redis or Valkey server needs the package iovalkey', {
      cause,
      fix: 'npm install iovalkey',
    })
  })
  return new RedisStore(() => newClient(client.Redis, init), init)
}

/** `redis+unix:///path` becomes a path; the schemes of Valkey are those of Redis under another name. */
function newClient(Redis: typeof import('iovalkey').Redis, init: RedisShardInit): RedisCommands {
  const options = {
    lazyConnect: true,
    commandTimeout: init.commandTimeoutMs ?? 5_000,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: true,
  }
  const unix = /^redis\+unix:\/\/(\/.+)$/.exec(init.url)?.[1]
  if (unix !== undefined) return new Redis({ ...options, path: unix })
  return new Redis(init.url.replace(/^valkey/, 'redis'), options)
}

class RedisStore implements ShardStore {
  readonly kind = 'redis'
  readonly shared = true
  readonly #newClient: () => RedisCommands
  readonly #name: string
  /** The braces keep both keys in one slot of a cluster. */
  readonly #keys: string
  readonly #values: string
  #client: RedisCommands | undefined

  constructor(newClientOf: () => RedisCommands, init: RedisShardInit) {
    this.#newClient = newClientOf
    this.#name = init.name
    this.#keys = `{realmesh:${init.name}}:k`
    this.#values = `{realmesh:${init.name}}:v`
  }

  async open(): Promise<void> {
    if (this.#client !== undefined) return
    const client = this.#newClient()
    // Every command reports its own failure; without a listener the client would print to the console.
    client.on('error', () => {})
    try {
      await client.connect()
    } catch (cause) {
      client.disconnect()
      throw this.#error(cause)
    }
    this.#client = client
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return (await this.#run((client) => client.hgetBuffer(this.#values, key))) ?? undefined
  }

  async getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    if (keys.length === 0) return []
    const found = await this.#run((client) => client.hmgetBuffer(this.#values, ...keys))
    return found.map((bytes) => bytes ?? undefined)
  }

  /** Keys and values come in two steps: what was removed between them is left out. */
  async range({ gte, lt, reverse, limit }: StoreRange): Promise<StoreEntry[]> {
    const min = gte === undefined ? '-' : `[${gte}`
    const max = lt === undefined ? '+' : `(${lt}`
    const keys = await this.#run((client) =>
      reverse === true
        ? client.zrevrangebylex(this.#keys, max, min, 'LIMIT', 0, limit)
        : client.zrangebylex(this.#keys, min, max, 'LIMIT', 0, limit),
    )
    const values = await this.getMany(keys)
    return keys.flatMap((key, index): StoreEntry[] => {
      const value = values[index]
      return value === undefined ? [] : [[key, value]]
    })
  }

  async write(operations: readonly StoreOperation[], { expected }: WriteOptions): Promise<boolean> {
    const args: (string | Buffer)[] = [String(expected.size)]
    for (const [key, value] of expected) args.push(key, marked(value))
    args.push(String(operations.length))
    for (const { key, value } of operations) args.push(key, marked(value))
    return (await this.#run((client) => client.eval(WRITE_SCRIPT, 2, this.#keys, this.#values, ...args))) === 1
  }

  snapshot(): undefined {
    return undefined
  }

  async reclaim(): Promise<void> {}

  async close(): Promise<void> {
    this.#client?.disconnect()
    this.#client = undefined
  }

  async #run<T>(command: (client: RedisCommands) => Promise<T>): Promise<T> {
    const client = this.#client
    if (client === undefined) throw new RealmeshError('STORAGE_CLOSED', `${this.#name} is closed`)
    try {
      return await command(client)
    } catch (cause) {
      throw this.#error(cause)
    }
  }

  #error(cause: unknown): RealmeshError {
    return storageError(cause, this.#name)
  }
}
