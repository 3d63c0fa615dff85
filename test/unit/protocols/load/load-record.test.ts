import assert from 'node:assert/strict'
import { generateKeyPair, generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import fc from 'fast-check'
import type { ModelLoad, NodeLoad } from '../../../../core/model/load.ts'
import { MAX_LOAD_RECORD_BYTES, openLoad, peekLoad, sealLoad } from '../../../../protocols/load/load-record.ts'

const NETWORK = { network: 'test' }

function model(name: string, overrides: Partial<ModelLoad> = {}): ModelLoad {
  return {
    model: name,
    slots: 2,
    running: 0,
    queued: 0,
    estimatedWaitMs: 0,
    decodeRate: 0,
    prefillRate: 0,
    warm: false,
    ...overrides,
  }
}

function load(models: readonly ModelLoad[]): NodeLoad {
  return { seq: 41, at: 1_700_000_000_123, draining: false, models }
}

const BUSY = model('llama3.1:8b', {
  running: 2,
  queued: 1,
  estimatedWaitMs: 250,
  decodeRate: 31.5,
  prefillRate: 800.125,
  warm: true,
})

describe('a load record', () => {
  it('has these bytes', async () => {
    const key = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(7))
    const sealed = await sealLoad(load([BUSY]), key, { network: 'golden' })
    assert.equal(Buffer.from(sealed).toString('hex'), GOLDEN)
    assert.deepEqual(await openLoad(Buffer.from(GOLDEN, 'hex'), { network: 'golden' }), {
      node: peerIdFromPrivateKey(key).toString(),
      load: load([BUSY]),
    })
  })

  it('is read also with a field that is not known', async () => {
    const { load: read } = await openLoad(Buffer.from(WITH_ONE_FIELD_MORE, 'hex'), { network: 'golden' })
    assert.deepEqual(read, load([BUSY]))
  })

  it('is read alike with and without its signature', async () => {
    const key = await generateKeyPair('Ed25519')
    const sealed = await sealLoad(
      { ...load([BUSY]), draining: true, paused: true, card: 1_700_000_000_001 },
      key,
      NETWORK,
    )
    const node = peerIdFromPrivateKey(key).toString()
    assert.deepEqual(peekLoad(sealed, NETWORK), { node, seq: 41, at: 1_700_000_000_123 })
    assert.deepEqual(await openLoad(sealed, NETWORK), {
      node,
      load: { ...load([BUSY]), draining: true, paused: true, card: 1_700_000_000_001 },
    })
  })

  it('never exceeds its bound, and names the busiest and the warm models first', async () => {
    const key = await generateKeyPair('Ed25519')
    const many = [
      ...Array.from({ length: 60 }, (_, i) => model(`cold-model-number-${i}`)),
      model('warm-one', { warm: true }),
      model('busy-one', { running: 1 }),
      model('busiest', { running: 2, queued: 5 }),
    ]
    const sealed = await sealLoad(load(many), key, NETWORK)
    assert.ok(sealed.byteLength <= MAX_LOAD_RECORD_BYTES && sealed.byteLength > MAX_LOAD_RECORD_BYTES - 40)
    const { models } = (await openLoad(sealed, NETWORK)).load
    assert.deepEqual(
      models.slice(0, 3).map(({ model: name }) => name),
      ['busiest', 'busy-one', 'warm-one'],
    )
  })

  it('fits whatever the names and figures are', async () => {
    const key = await generateKeyPair('Ed25519')
    const figure = fc.oneof(fc.nat(), fc.double(), fc.constant(Number.POSITIVE_INFINITY))
    const any = fc.record({
      model: fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
      slots: figure,
      running: figure,
      queued: figure,
      estimatedWaitMs: figure,
      decodeRate: figure,
      prefillRate: figure,
      warm: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(any, { maxLength: 40 }), async (models) => {
        const sealed = await sealLoad(load(models), key, NETWORK)
        assert.ok(sealed.byteLength <= MAX_LOAD_RECORD_BYTES)
        assert.equal(peekLoad(sealed, NETWORK).seq, 41)
      }),
      { numRuns: 50 },
    )
  })

  it('of another network does not open, and with one bit changed says nothing else', async () => {
    const key = await generateKeyPair('Ed25519')
    const sealed = await sealLoad(load([BUSY]), key, NETWORK)
    const original = await openLoad(sealed, NETWORK)
    await assert.rejects(openLoad(sealed, { network: 'other' }), { code: 'PROTOCOL_ERROR' })
    for (let at = 0; at < sealed.byteLength; at += 1) {
      const changed = Uint8Array.from(sealed)
      changed[at] = (changed[at] ?? 0) ^ 1
      const opened = await openLoad(changed, NETWORK).catch((error: { code: string }) => error.code)
      // A changed tag may be read all the same; what it holds is then still what was signed.
      if (opened !== 'PROTOCOL_ERROR') assert.deepEqual(opened, original)
    }
  })

  it('is refused unread when it is too large', () => {
    assert.throws(() => peekLoad(new Uint8Array(513), NETWORK), { code: 'PROTOCOL_ERROR', message: /513 bytes/ })
  })

  it('signed by a key that is not Ed25519 is refused before the signature is looked at', async () => {
    const sealed = await sealLoad(load([]), await generateKeyPair('secp256k1'), NETWORK)
    assert.throws(() => peekLoad(sealed, NETWORK), { code: 'PROTOCOL_ERROR', message: /Ed25519/ })
  })
})

/** Key, seed 7 repeated; network `golden`; one model. Changes only together with the protocol's version. */
const GOLDEN = [
  '0a2408011220ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c1203726d6c1a2b082910fbd0',
  '95ffbc3122200a0b6c6c616d61332e313a386210021802200128fa01308cf60138fdea3040012a4017fa5f938e0618f1f371',
  'c79a81cd3d618c99665b08f72c8d8b9f2c93eb3f503417e1c4fdc0e3bf445df48e28f54e5c00355b2b61e80630a194b675bd',
  '4454a605',
].join('')

/** The same with a field more, as nodes wrote it once. */
const WITH_ONE_FIELD_MORE = [
  '0a2408011220ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c1203726d6c1a2e082910fbd0',
  '95ffbc3122200a0b6c6c616d61332e313a386210021802200128fa01308cf60138fdea30400128a8462a40ce313577e45bf2',
  '900f26f3d827fe286db2dd7c7ac621ceca25561301617c25b4855effaac26a216e5a1d236b456a96eafec9ded59945d6def9',
  '87ffdb110fd30c',
].join('')
