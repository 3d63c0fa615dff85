/** The API keys of the gateway: read at its start, and again when the operator changed them. */
import { isDeepStrictEqual } from 'node:util'
import { defined } from '../../../core/defined.ts'
import type { Logger } from '../../../core/logger.ts'
import type { KeysReport } from '../../../gateway/admin/admin-actions.ts'
import type { KeyUsage } from '../../../gateway/allowance/allowance.ts'
import type { KeyLimits } from '../../../gateway/allowance/key-limits.ts'
import { isLoopbackHost } from '../../../gateway/door/bind.ts'
import type { GatewayKey } from '../../../gateway/door/credentials.ts'
import { type ApiKeyRecord, readApiKeys } from '../../../home/api-keys.ts'

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

  /** What the keys with limits have used, by the user that each makes. */
  usage(): Readonly<Record<string, KeyUsage>> {
    return this.#components.gateway.keyUsage()
  }
}
