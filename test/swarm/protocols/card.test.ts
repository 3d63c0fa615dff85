import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2p } from '@libp2p/interface'
import { cardProtocol } from '../../../protocols/card/constants.ts'
import { federationId, issueCertificate } from '../../../protocols/card/federation-certificate.ts'
import { fetchCard } from '../../../protocols/card/fetch-card.ts'
import { sealCard } from '../../../protocols/card/sealed-card.ts'
import { CardServer } from '../../../protocols/card/server.ts'
import { cardContent } from '../../support/card.ts'
import { libp2pNode } from '../../support/libp2p-node.ts'

describe('a card over a connection', () => {
  const key = generateKeyPair('Ed25519')
  const network = 'test'
  const signal = new AbortController().signal
  let asker: Libp2p
  let node: Libp2p
  let server: CardServer | undefined

  beforeEach(async () => {
    asker = await libp2pNode()
    node = await libp2pNode(await key)
  })

  afterEach(async () => {
    await server?.stop()
    server = undefined
    await asker.stop()
    await node.stop()
  })

  const serve = async (card: Uint8Array): Promise<void> => {
    server = new CardServer({ libp2p: node, card: () => card }, { network })
    await server.start()
    await asker.dial(node.getMultiaddrs())
  }

  it('is fetched, opened and proved, federation included', async () => {
    const federation = await generateKeyPair('Ed25519')
    const peerId = node.peerId.toString()
    const certificate = await issueCertificate(federation, { network, peerId, label: 'our rigs', now: Date.now() })
    await serve(await sealCard(cardContent({ certificate }), await key))
    const card = await fetchCard(asker, peerId, { network, signal })
    const { certificate: _, ...content } = cardContent()
    assert.deepEqual({ ...card, federation: undefined }, { ...content, peerId, federation: undefined })
    assert.equal(card.federation?.publicKey, federationId(federation.publicKey))
    assert.equal(card.federation?.label, 'our rigs')
  })

  it('is refused when another node signed it', async () => {
    await serve(await sealCard(cardContent(), await generateKeyPair('Ed25519')))
    await assert.rejects(fetchCard(asker, node.peerId.toString(), { network, signal }), { code: 'PROTOCOL_ERROR' })
  })

  it('is not asked for by dialling', async () => {
    await assert.rejects(fetchCard(asker, node.peerId.toString(), { network, signal }), { code: 'PEER_UNREACHABLE' })
    assert.equal(asker.getConnections().length, 0)
  })

  it('ends in time when the peer sends a length without end, or nothing', async () => {
    await node.handle(cardProtocol(network), (stream) => {
      stream.send(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f))
    })
    await asker.dial(node.getMultiaddrs())
    await assert.rejects(fetchCard(asker, node.peerId.toString(), { network, signal }), { code: 'PROTOCOL_ERROR' })
    await node.unhandle(cardProtocol(network))
    await node.handle(cardProtocol(network), () => {})
    const abort = new AbortController()
    const fetching = fetchCard(asker, node.peerId.toString(), { network, signal: abort.signal })
    setImmediate(() => {
      abort.abort()
    })
    await assert.rejects(fetching, { code: 'CANCELLED' })
  })
})
