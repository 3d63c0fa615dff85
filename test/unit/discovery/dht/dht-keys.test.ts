import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  bucketOf,
  bucketsOf,
  DHT_BUCKETS,
  dhtKey,
  dhtKeyText,
  FEDERATION_BUCKET,
} from '../../../../discovery/dht/dht-keys.ts'

describe('DHT keys', () => {
  it('are the SHA-256 of network, kind, name and bucket', () => {
    const key = dhtKey('main', { kind: 'realm', name: '$CHAT' }, 7)
    assert.equal(key.multihash.code, 0x12)
    assert.deepEqual(
      Buffer.from(key.multihash.digest).toString('hex'),
      createHash('sha256').update('realmesh/main/realm/$CHAT/7').digest('hex'),
    )
  })

  it('put names of one model under one key, and keep networks, kinds and buckets apart', () => {
    assert.equal(
      dhtKeyText('main', { kind: 'model', name: 'Llama3:latest' }, 0),
      dhtKeyText('main', { kind: 'model', name: 'llama3' }, 0),
    )
    const texts = [
      dhtKeyText('main', { kind: 'model', name: 'x' }, 0),
      dhtKeyText('lab', { kind: 'model', name: 'x' }, 0),
      dhtKeyText('main', { kind: 'realm', name: 'x' }, 0),
      dhtKeyText('main', { kind: 'model', name: 'x' }, 1),
    ]
    assert.equal(new Set(texts).size, texts.length)
  })

  it('spread peers evenly over the buckets', () => {
    const counts = new Array<number>(DHT_BUCKETS).fill(0)
    for (let i = 0; i < 16_000; i++) counts[bucketOf(`peer-${i}`)] = (counts[bucketOf(`peer-${i}`)] ?? 0) + 1
    for (const count of counts) assert.ok(count > 800 && count < 1_200, `${count}`)
  })

  it('a model stands in two buckets, which are never one; a realm in one, a federation in the same for all', () => {
    const second = new Set<number>()
    for (let i = 0; i < 2_000; i++) {
      const [first = -1, other = -1, ...more] = bucketsOf(`peer-${i}`, 'model')
      assert.equal(first, bucketOf(`peer-${i}`))
      assert.ok(other !== first && other >= 0 && other < DHT_BUCKETS && more.length === 0)
      second.add(other)
      assert.deepEqual(bucketsOf(`peer-${i}`, 'realm'), [first])
      assert.deepEqual(bucketsOf(`peer-${i}`, 'federation'), [FEDERATION_BUCKET])
    }
    assert.equal(second.size, DHT_BUCKETS)
  })
})
