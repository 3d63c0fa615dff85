import assert from 'node:assert/strict'
import { keyChanges } from '../../../../../bin/commands/node/key-flags.ts'
import { withChanges } from '../../../../../bin/daemon/front/key-records.ts'
import type { ApiKeyRecord } from '../../../../../home/api-keys.ts'

const NOW = Date.parse('2030-01-01T00:00:00Z')

describe('the flags of a key', () => {
  it('say what it is for and how much it may use', () => {
    const flags = {
      scope: 'home',
      models: 'llama3*, qwen3:8b',
      realms: '$CHAT',
      requestsPerMinute: '60',
      tokensPerMinute: '10_000',
      tokensPerDay: '100000',
      concurrent: '2',
      expires: '30d',
    }
    assert.deepEqual(keyChanges(flags, NOW), {
      scope: 'home',
      models: ['llama3*', 'qwen3:8b'],
      realms: ['$CHAT'],
      requests_per_minute: 60,
      tokens_per_minute: 10_000,
      tokens_per_day: 100_000,
      concurrent: 2,
      expires: '2030-01-31T00:00:00.000Z',
    })
  })

  it('change what was given only; none takes a limit away', () => {
    const record: ApiKeyRecord = {
      sha256: 'a'.repeat(64),
      prefix: 'sk-aaaaa',
      created: '2030-01-01T00:00:00.000Z',
      concurrent: 2,
      tokens_per_day: 5,
    }
    const { concurrent: _, ...rest } = record
    assert.deepEqual(withChanges(record, keyChanges({ concurrent: 'none', tokensPerDay: '9' }, NOW)), {
      ...rest,
      tokens_per_day: 9,
    })
    assert.deepEqual(keyChanges({ json: true }, NOW), {})
  })

  const wrong: readonly (readonly [name: string, text: string])[] = [
    ['scope', 'everywhere'],
    ['models', 'a,,b'],
    ['realms', ''],
    ['requestsPerMinute', '0'],
    ['tokensPerMinute', '-5'],
    ['tokensPerDay', '1e3'],
    ['concurrent', 'many'],
    ['expires', '2029-12-31'],
    ['expires', 'soon'],
  ]
  it('say what an end may be, dates too', () => {
    assert.throws(() => keyChanges({ expires: 'soon' }, NOW), { fix: 'write 30d, or a date such as 2030-01-31' })
  })

  for (const [name, text] of wrong) {
    it(`are refused: ${name} "${text}"`, () => {
      assert.throws(() => keyChanges({ [name]: text }, NOW), { code: 'USAGE' })
    })
  }
})
