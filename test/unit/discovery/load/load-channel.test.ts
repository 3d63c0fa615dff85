import assert from 'node:assert/strict'
import { type Message, type TopicValidatorFn, TopicValidatorResult } from '@chainsafe/libp2p-gossipsub'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { silentLogger } from '../../../../core/logger.ts'
import { DenyList } from '../../../../discovery/guard/deny-list.ts'
import { loadChannel } from '../../../../discovery/load/load-channel.ts'
import { PeerTable } from '../../../../discovery/peers/peer-table.ts'
import { STRANGER } from '../../../../discovery/peers/standing.ts'
import { loadTopic, MAX_LOAD_RECORD_BYTES, sealLoad } from '../../../../protocols/load/load-record.ts'
import { RoutingView } from '../../../../routing/offers/routing-view.ts'
import { testCard } from '../../../support/cards.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { modelLoad, nodeLoad } from '../../../support/routing.ts'

async function setUp() {
  const clock = new ManualClock()
  const privateKey = await generateKeyPair('Ed25519')
  const table = new PeerTable({ routing: new RoutingView(), clock, judge: () => STRANGER })
  const denyList = new DenyList({ clock })
  const topicValidators = new Map<string, TopicValidatorFn>()
  const refreshed: string[] = []
  const suggested: string[] = []
  const cut: string[] = []
  const gossip = loadChannel(
    {
      libp2p: {
        peerId: peerIdFromPrivateKey(privateKey),
        getConnections: (peer) => [
          {
            direction: 'outbound',
            remoteAddr: multiaddr('/ip4/198.51.100.7/tcp/1'),
            abort: () => cut.push(peer.toString()),
          },
        ],
      },
      pubsub: {
        topicValidators,
        subscribe: () => {},
        unsubscribe: () => {},
        publish: async () => ({ recipients: [] }),
      },
      say: () => 0,
      privateKey,
      table,
      cards: { refresh: (peer) => refreshed.push(peer) },
      dialer: { suggest: ({ id }) => suggested.push(id) > 0 },
      denyList,
      clocks: { note: () => {} },
      clock,
      log: silentLogger,
      ownLoad: () => nodeLoad(1),
    },
    { network: 'test', rng: () => 0.5 },
  )
  await gossip.start()
  let seq = clock.wall() * 1_000
  /** A record of the key's node, handed over by `by`. */
  const hear = async (key: PrivateKey, model = 'tiny', by = key): Promise<unknown> => {
    seq += 1
    const load = { ...nodeLoad(seq, [modelLoad({ model })]), at: clock.wall() }
    const message = {
      type: 'signed',
      from: peerIdFromPrivateKey(key),
      data: await sealLoad(load, key, { network: 'test' }),
    }
    return await topicValidators.get(loadTopic('test'))?.(peerIdFromPrivateKey(by), message as unknown as Message)
  }
  return { clock, gossip, table, denyList, topicValidators, refreshed, suggested, cut, hear }
}

describe('load channel', () => {
  it('takes what a known peer says into the table, and asks for a card that it casts doubt on', async () => {
    const { gossip, table, refreshed, suggested, hear } = await setUp()
    const key = await generateKeyPair('Ed25519')
    const id = peerIdFromPrivateKey(key).toString()
    table.setConnected(id, true)
    table.setCard(testCard(id))
    assert.equal(await hear(key), TopicValidatorResult.Accept)
    assert.equal(table.get(id)?.load?.models[0]?.model, 'tiny')
    assert.deepEqual(refreshed, [])
    await hear(key, 'new-model')
    assert.deepEqual([refreshed, suggested], [[id], []])
    await gossip.stop()
  })

  it('has those dialled who speak and are not known, a few of them', async () => {
    const { clock, gossip, suggested, hear } = await setUp()
    const keys = await Promise.all(Array.from({ length: 12 }, () => generateKeyPair('Ed25519')))
    for (const key of keys) await hear(key)
    assert.equal(suggested.length, 8)
    clock.advance(1_000)
    await hear(await generateKeyPair('Ed25519'))
    assert.equal(suggested.length, 9)
    await gossip.stop()
  })

  it('cuts and denies a neighbour that floods', async () => {
    const { gossip, denyList, topicValidators, cut } = await setUp()
    const neighbour = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    const junk = { type: 'signed', from: neighbour, data: new Uint8Array(MAX_LOAD_RECORD_BYTES + 1) }
    const validate = topicValidators.get(loadTopic('test'))
    for (let i = 0; i < 1_000 && cut.length === 0; i += 1) await validate?.(neighbour, junk as unknown as Message)
    assert.deepEqual(cut, [neighbour.toString()])
    assert.equal(denyList.isDenied(neighbour.toString()), true)
    await gossip.stop()
  })
})
