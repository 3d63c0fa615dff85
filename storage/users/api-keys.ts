/** API keys: shown once, stored as SHA-256 only. They lie in the index, because a request brings the key and not the user. */
import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../../core/run/clock.ts'
import { userRef } from '../rows/keys.ts'
import type { CrossShardIndex } from '../shards/cross-shard-index.ts'

/** Characters of a key that lists show. */
const SHOWN = 8

export interface ApiKey {
  /** Names the key in lists and for revoking; says nothing about the key itself. */
  readonly id: string
  /** The first characters, so that its owner recognises it. */
  readonly prefix: string
  readonly label: string
  readonly scopes: readonly string[]
  readonly createdAt: number
  readonly expiresAt?: number
}

interface ApiKeyRow extends ApiKey {
  readonly guid: string
}

export interface NewApiKey {
  readonly label?: string
  /** What the key may do; the gateway gives them their meaning. @default none */
  readonly scopes?: readonly string[]
  /** Wall clock, milliseconds since the epoch. @default never */
  readonly expiresAt?: number
}

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex')
const keyRow = (hash: string): string => `k/${hash}`
const userRows = (user: string): string => `a/${user}/`

export class ApiKeys {
  readonly #index: CrossShardIndex
  readonly #clock: Pick<Clock, 'wall'>

  constructor(components: { readonly index: CrossShardIndex; readonly clock: Pick<Clock, 'wall'> }) {
    this.#index = components.index
    this.#clock = components.clock
  }

  /** Makes a key for the user. This is the only time that the key itself is seen. */
  async create(guid: string, init: NewApiKey = {}): Promise<{ readonly key: string; readonly info: ApiKey }> {
    const key = `sk-${randomBytes(32).toString('base64url')}`
    const hash = hashOf(key)
    const info: ApiKey = {
      id: hash.slice(0, 16),
      prefix: key.slice(0, SHOWN),
      label: init.label ?? '',
      scopes: init.scopes ?? [],
      createdAt: this.#clock.wall(),
      ...(init.expiresAt === undefined ? {} : { expiresAt: init.expiresAt }),
    }
    await this.#index.shard.transact({
      reads: [],
      apply: (view) => {
        view.write(keyRow(hash), { ...info, guid } satisfies ApiKeyRow)
        view.write(userRows(userRef(guid).key) + hash, info)
      },
    })
    return { key, info }
  }

  /** Whose key it is; undefined when it is unknown, revoked or expired. The lookup is by digest, so timing tells nothing. */
  async resolve(key: string): Promise<{ readonly guid: string; readonly info: ApiKey } | undefined> {
    const row = await this.#index.shard.get<ApiKeyRow>(keyRow(hashOf(key)))
    if (row === undefined || (row.expiresAt ?? Number.POSITIVE_INFINITY) <= this.#clock.wall()) return undefined
    const { guid, ...info } = row
    return { guid, info }
  }

  async list(guid: string): Promise<readonly ApiKey[]> {
    const keys: ApiKey[] = []
    await this.#index.each<ApiKey>(userRows(userRef(guid).key), (_, info) => {
      keys.push(info)
    })
    return keys
  }

  /** Resolves with whether there was such a key. */
  async revoke(guid: string, id: string): Promise<boolean> {
    const rows = (await this.rowsOf(guid)).filter((row) => row.includes(`/${id}`))
    if (rows.length === 0) return false
    await this.#index.shard.transact({
      reads: [],
      apply: (view) => {
        for (const row of rows) view.remove(row)
      },
    })
    return true
  }

  /** Keys of all index rows that belong to the user's API keys. */
  async rowsOf(guid: string): Promise<readonly string[]> {
    const prefix = userRows(userRef(guid).key)
    const rows: string[] = []
    await this.#index.each<ApiKey>(prefix, (hash) => {
      rows.push(prefix + hash, keyRow(hash))
    })
    return rows
  }
}
