import assert from 'node:assert/strict'
import { realmSchema, resolveRealm } from '../../../../config/schema/realm-schema.ts'

const realm = (values: object) => realmSchema.parse({ primary_query_type: 'chat', ...values })

describe('resolveRealm', () => {
  it('gives times in milliseconds and sizes in bytes', () => {
    const { queue, limits } = resolveRealm(
      '$CHAT',
      realm({ queue: { seconds: 1.5 }, limits: { prompt_bytes: '2 KiB', seconds: 60 } }),
      [],
    )
    assert.deepEqual([queue.maxWaitMs, limits.promptBytes, limits.totalMs], [1_500, 2_048, 60_000])
  })

  it('lets larger prompts into a realm of pictures, unless the owner says otherwise', () => {
    const promptBytes = (type: string) => resolveRealm('$X', realm({ primary_query_type: type }), []).limits.promptBytes
    assert.deepEqual([promptBytes('chat'), promptBytes('vision')], [2 ** 20, 2 ** 24])
  })

  it('grants strangers less, and never more than all', () => {
    const granted = (limits: object, type = 'chat') =>
      resolveRealm('$X', realm({ primary_query_type: type, limits }), []).strangerLimits
    assert.deepEqual(granted({}), { promptBytes: 2 ** 18, tokensOut: 8_192, totalMs: 300_000 })
    assert.equal(granted({}, 'vision').promptBytes, 2 ** 23)
    const tight = { prompt_bytes: 1_000, tokens_out: 16, seconds: 5 }
    const wide = { prompt_bytes: '1 MiB', tokens_out: 100_000, seconds: 1_000 }
    assert.deepEqual(granted(tight), { promptBytes: 1_000, tokensOut: 16, totalMs: 5_000 })
    assert.deepEqual(granted({ ...tight, strangers: wide }), { promptBytes: 1_000, tokensOut: 16, totalMs: 5_000 })
    assert.deepEqual(granted({ ...wide, strangers: tight }), { promptBytes: 1_000, tokensOut: 16, totalMs: 5_000 })
  })

  it('puts workers into a pool that one side names, and each once', () => {
    const pools = { fast: { members: ['a'], strategy: 'random' }, slow: {} }
    const workers = [
      { name: 'a', pool: 'fast' },
      { name: 'b', pool: 'fast' },
      { name: 'c', pool: undefined },
    ]
    assert.deepEqual(resolveRealm('$CHAT', realm({ pools }), workers).pools, [
      { name: 'fast', members: ['a', 'b'], strategy: 'random' },
      { name: 'slow', members: [], strategy: 'health' },
    ])
  })
})
