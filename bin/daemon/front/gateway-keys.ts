/** The API keys of the gateway: read at its start, and again when the operator changed them. */
import { isDeepStrictEqual } from 'node:util'
import { checkValue } from '../../../core/check-value.ts'
import { defined } from '../../../core/defined.ts'
import type { Logger } from '../../../core/logger.ts'
import { Turns } from '../../../core/run/turns.ts'
import type { KeysReport, ListedKey, MadeKey } from '../../../gateway/admin/operator-acts.ts'
import type { KeyUsage } from '../../../gateway/allowance/allowance.ts'
import type { KeyLimits } from '../../../gateway/allowance/key-limits.ts'
import { isLoopbackHost } from '../../../gateway/door/bind.ts'
import { type GatewayKey, userOfHash } from '../../../gateway/door/credentials.ts'
import { type ApiKeyRecord, apiKeyWish, readApiKeys, writeApiKeys } from '../../../home/api-keys.ts'
import { assertUnused, keyNamed, newKey, withChanges } from './key-records.ts'

export interface GatewayKeysComponents {
  /** Takes other keys instead of those that it has. */
  readonly gateway: {
    takeKeys(keys: readonly GatewayKey[]): void
    keyUsage(): Readonly<Record<string, KeyUsage>>
  }
  readonly log: Logger
}

export interface GatewayKeysInit {
  readonly file: string
  /** The address that the gateway listens on. */
  readonly host: string
}

/** The keys as the gateway takes them. Throws `KEY_FILE_LAX` or `KEY_FILE_BAD`. */
export async function readGatewayKeys(file: string, mustExist = false): Promise<readonly GatewayKey[]> {
  return (await readApiKeys(file, { mustExist })).map(gatewayKey)
}

function gatewayKey(record: ApiKeyRecord): GatewayKey {
  const { sha256, scope, expires, models, realms } = record
  const limits = limitsOf(record)
  return {
    hash: sha256,
    ...defined({ scope, expiresMs: expires === undefined ? undefined : Date.parse(expires) }),
    ...((models ?? realms) !== undefined && { permitted: defined({ models, realms }) }),
    ...(Object.keys(limits).length > 0 && { limits }),
  }
}

function limitsOf(record: ApiKeyRecord): KeyLimits {
  return defined({
    requestsPerMinute: record.requests_per_minute,
    tokensPerMinute: record.tokens_per_minute,
    tokensPerDay: record.tokens_per_day,
    concurrent: record.concurrent,
  })
}

export class GatewayKeys {
  readonly #components: GatewayKeysComponents
  readonly #init: GatewayKeysInit
  readonly #turns = new Turns()
  #had: readonly GatewayKey[]

  /** `had`: the keys that the gateway has now. */
  constructor(components: GatewayKeysComponents, init: GatewayKeysInit, had: readonly GatewayKey[]) {
    this.#components = components
    this.#init = init
    this.#had = had
  }

  /**
   * Puts what the file holds into force. A file that has held keys and is gone throws `KEY_FILE_BAD`: nothing opens by
   * accident.
   */
  async reload(): Promise<KeysReport> {
    const { gateway, log } = this.#components
    const { file, host } = this.#init
    const keys = await readGatewayKeys(file, this.#had.length > 0)
    gateway.takeKeys(keys)
    if (!isDeepStrictEqual(keys, this.#had)) log.info({ keys: keys.length }, 'the API keys have changed')
    this.#had = keys
    if (keys.length === 0 && !isLoopbackHost(host)) {
      log.warn({}, 'no API key is left: the gateway refuses everyone until there is one')
    }
    return { keys: keys.length, file }
  }

  /** The keys of the file, without their hashes. */
  async list(): Promise<readonly ListedKey[]> {
    const usage = this.usage()
    return (await readApiKeys(this.#init.file)).map(({ sha256, ...record }) => {
      return { ...record, ...defined({ usage: usage[userOfHash(sha256)] }) }
    })
  }

  /** Makes one, which opens from the next request on; it is told this once. Throws `BAD_REQUEST`. */
  async add(wish: unknown): Promise<MadeKey> {
    const { key, record } = newKey(checkValue(apiKeyWish, wish), Date.now())
    const add = (keys: readonly ApiKeyRecord[]): readonly ApiKeyRecord[] => {
      assertUnused(record.label, keys)
      return [...keys, record]
    }
    return { key, ...(await this.#replace(add)) }
  }

  /** By what `list` shows of it, its label, or itself. Throws `USAGE`, `BAD_REQUEST`. */
  async change(name: string, wish: unknown): Promise<KeysReport> {
    const changes = checkValue(apiKeyWish, wish)
    return await this.#replace((keys) => {
      const meant = keyNamed(name, keys)
      return keys.map((key) => (key === meant ? withChanges(key, changes) : key))
    })
  }

  async remove(name: string): Promise<KeysReport> {
    return await this.#replace((keys) => {
      const gone = keyNamed(name, keys)
      return keys.filter((key) => key !== gone)
    })
  }

  /** One change of the file after the other: of two at once, none is lost. */
  #replace(edit: (keys: readonly ApiKeyRecord[]) => readonly ApiKeyRecord[]): Promise<KeysReport> {
    return this.#turns.take(async () => {
      await writeApiKeys(this.#init.file, edit(await readApiKeys(this.#init.file)))
      return await this.reload()
    })
  }

  /** What the keys with limits have used, by the user that each makes. */
  usage(): Readonly<Record<string, KeyUsage>> {
    return this.#components.gateway.keyUsage()
  }
}
