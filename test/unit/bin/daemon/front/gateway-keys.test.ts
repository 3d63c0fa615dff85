import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { GatewayKeys } from '../../../../../bin/daemon/front/gateway-keys.ts'
import { type Logger, silentLogger } from '../../../../../core/logger.ts'
import type { GatewayKey } from '../../../../../gateway/door/credentials.ts'
import { type ApiKeyRecord, writeApiKeys } from '../../../../../home/api-keys.ts'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'

const FIRST: ApiKeyRecord = { sha256: 'a'.repeat(64), prefix: 'sk-aaaaa', created: '2030-01-01T00:00:00.000Z' }
const SECOND: ApiKeyRecord = { ...FIRST, sha256: 'b'.repeat(64), scope: 'home' }

describe('the keys of the gateway', () => {
  const folder = temporaryFolder()
  let taken: (readonly GatewayKey[])[]
  let warnings: string[]
  beforeEach(() => {
    taken = []
    warnings = []
  })

  const keysAt = (host: string): GatewayKeys => {
    const log: Logger = { ...silentLogger, warn: (_fields, message) => warnings.push(message) }
    const gateway = { takeKeys: (keys: readonly GatewayKey[]) => void taken.push(keys), keyUsage: () => ({}) }
    return new GatewayKeys({ gateway, log }, { file: folder.path('keys'), host }, [{ hash: FIRST.sha256 }])
  }

  it('are those of the file once it is read again', async () => {
    await writeApiKeys(folder.path('keys'), [SECOND])
    assert.deepEqual(await keysAt('127.0.0.1').reload(), { keys: 1, file: folder.path('keys') })
    assert.deepEqual(taken, [[{ hash: SECOND.sha256, scope: 'home' }]])
  })

  it('have the limits that the file says', async () => {
    const limits = { requests_per_minute: 6, tokens_per_minute: 7, tokens_per_day: 8, concurrent: 9 }
    const record = { ...FIRST, ...limits, models: ['a*'], realms: ['$CHAT'], expires: '2030-01-01T00:00:00.000Z' }
    await writeApiKeys(folder.path('keys'), [record])
    await keysAt('127.0.0.1').reload()
    assert.deepEqual(taken[0], [
      {
        hash: FIRST.sha256,
        expiresMs: Date.parse('2030-01-01T00:00:00Z'),
        permitted: { models: ['a*'], realms: ['$CHAT'] },
        limits: { requestsPerMinute: 6, tokensPerMinute: 7, tokensPerDay: 8, concurrent: 9 },
      },
    ])
  })

  it('stay as they are when the file is gone or broken: nothing opens by accident', async () => {
    await assert.rejects(keysAt('127.0.0.1').reload(), { code: 'KEY_FILE_BAD' })
    await writeApiKeys(folder.path('keys'), [FIRST])
    await rm(folder.path('keys'))
    await assert.rejects(keysAt('127.0.0.1').reload(), { code: 'KEY_FILE_BAD', message: /is gone/ })
    assert.deepEqual(taken, [])
  })

  it('may all be taken away, which is told where others than this machine can knock', async () => {
    await writeApiKeys(folder.path('keys'), [])
    await keysAt('127.0.0.1').reload()
    assert.deepEqual(warnings, [])
    await keysAt('0.0.0.0').reload()
    assert.match(warnings.join(), /refuses everyone/)
    assert.deepEqual(taken, [[], []])
  })
})
