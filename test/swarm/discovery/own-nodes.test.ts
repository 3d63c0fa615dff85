import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { federationId } from '../../../protocols/card/federation-certificate.ts'
import { isInDht, type SwarmNode, type SwarmNodeOptions, swarmNode, untilTable } from '../../support/swarm-node.ts'

const STRANGERS = 3

/**
 * The two keep each other out until the records of both are in the DHT, so that no walk of joining has made them known;
 * from then on nothing but a look for own nodes brings them together: they dial no hint, gossip nothing and serve
 * nothing.
 */
describe('nodes of one person among strangers', () => {
  const nodes: SwarmNode[] = []
  let strangers: SwarmNode[]

  async function start(options: SwarmNodeOptions): Promise<SwarmNode> {
    const node = await swarmNode({ realms: [], gossips: false, targetPeers: 0, ...options })
    nodes.push(node)
    return node
  }

  beforeEach(async () => {
    strangers = []
    for (let i = 0; i < STRANGERS; i++) {
      const door = strangers[0]?.libp2p.getMultiaddrs() ?? []
      strangers.push(await start({ bootstrap: door }))
    }
  })
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.stop()))
  })

  /** Two nodes, each behind a stranger of its own, that keep each other out until they are `shown`. */
  async function apart(desk: SwarmNodeOptions, rig: SwarmNodeOptions) {
    const keys = { desk: await generateKeyPair('Ed25519'), rig: await generateKeyPair('Ed25519') }
    const id = (key: PrivateKey): string => peerIdFromPrivateKey(key).toString()
    let shown = false
    const join = (mine: PrivateKey, other: PrivateKey, door: number, options: SwarmNodeOptions): Promise<SwarmNode> =>
      start({
        ...options,
        privateKey: mine,
        bootstrap: strangers[door]?.libp2p.getMultiaddrs() ?? [],
        admits: (peer) => shown || peer !== id(other),
      })
    const nodes = {
      desk: await join(keys.desk, keys.rig, 1, desk),
      rig: await join(keys.rig, keys.desk, 2, rig),
    }
    const show = (): void => {
      shown = true
      for (const node of [nodes.desk, nodes.rig]) node.discovery.hurry(false)
    }
    return { ...nodes, show }
  }

  /** Until the DHT names it, asked by a stranger. */
  async function advertised(federationKey: PrivateKey, node: SwarmNode): Promise<void> {
    const name = { kind: 'federation', name: federationId(federationKey.publicKey) } as const
    const [by = node] = strangers
    while (!(await isInDht(by, name, node.id)));
  }

  it('meet though both have more peers than they want', async () => {
    const federationKey = await generateKeyPair('Ed25519')
    const { desk, rig, show } = await apart({ federationKey }, { federationKey })
    await Promise.all([desk, rig].map((node) => advertised(federationKey, node)))
    show()
    await untilTable(desk, (table) => table.get(rig.id)?.connected === true && table.relation(rig.id) === 'home')
    await untilTable(rig, (table) => table.get(desk.id)?.connected === true && table.relation(desk.id) === 'home')
  })

  it('meet those of a friend, whose federation one of them has listed', async () => {
    const theirs = await generateKeyPair('Ed25519')
    const friends = [{ federation: federationId(theirs.publicKey) }]
    const ours = await generateKeyPair('Ed25519')
    const { desk, rig, show } = await apart({ federationKey: ours, friends }, { federationKey: theirs })
    await Promise.all([advertised(ours, desk), advertised(theirs, rig)])
    show()
    await untilTable(desk, (table) => table.get(rig.id)?.connected === true && table.relation(rig.id) === 'friend')
  })
})
