/** Whole nodes of which some listen nowhere, as those behind a router: others reach them through a third one. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { homeFolder } from '../../../home/home-folder.ts'
import type { RealmeshNode } from '../../../node/realmesh-node.ts'
import { eventually } from '../../support/daemon.ts'
import { startedNode } from '../../support/node-pair.ts'
import { simulatedEngine, simulatedModel } from '../../support/simulated-engine.ts'

describe('nodes that cannot be dialled', () => {
  let folder: string
  const nodes: RealmeshNode[] = []

  /** One that knows `doors`; of the home of `first` where there is one. */
  async function start(
    name: string,
    { doors = [], listens = false, serves = false, first }: Partial<Options> = {},
  ): Promise<RealmeshNode> {
    const engine = serves ? simulatedEngine([simulatedModel('tiny', ['chat'])]) : undefined
    const node = await startedNode(
      join(folder, name),
      engine,
      {},
      {
        bootstrap: doors.flatMap((door) => door.addresses()),
        listen: listens ? ['/ip4/127.0.0.1/tcp/0'] : [],
        // Else a direct way would soon be found: they are on one machine.
        webrtc: { enabled: false },
        ...(first === undefined ? {} : { federation_key: homeFolder(join(folder, first), {}).federationKey }),
      },
    )
    nodes.push(node)
    return node
  }

  interface Options {
    readonly doors: readonly RealmeshNode[]
    readonly listens: boolean
    readonly serves: boolean
    readonly first: string
  }

  const knows = (node: RealmeshNode, other: RealmeshNode): boolean =>
    node.peers().some(({ id, connected, slots }) => id === other.peerId && connected && slots > 0)

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'realmesh-relayed-'))
  })
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.stop()))
    await rm(folder, { recursive: true, force: true })
  })

  it('meet through the one that can, and know each other’s load, nobody asking', async () => {
    const door = await start('door', { listens: true })
    const asker = await start('asker', { doors: [door] })
    const rig = await start('rig', { doors: [door], serves: true, first: 'asker' })
    await eventually('the asker knows the load of the rig', () => knows(asker, rig))
    assert.deepEqual(
      asker.peers().map(({ id, path }) => [id === rig.peerId, path?.kind, path?.relay === door.peerId]),
      asker.peers().map(({ id }) => [id === rig.peerId, id === rig.peerId ? 'relayed' : 'loopback', id === rig.peerId]),
    )
    const { reach } = rig.status()
    assert.deepEqual([reach.dialable, reach.relays], ['no', [door.peerId]])
    assert.ok(rig.addresses().every((address) => address.includes('/p2p-circuit/p2p/')))
    assert.equal(door.status().reach.carried.circuits, 1)
  })

  it('alone with one that can hear its load at once, and it theirs', async () => {
    const door = await start('door', { listens: true, serves: true })
    const rig = await start('rig', { doors: [door], serves: true, first: 'door' })
    await eventually('both know the load of the other', () => knows(door, rig) && knows(rig, door))
  })

  it('hold two seats, and take another when a relay stops', async () => {
    const doors = [await start('one', { listens: true })]
    for (const name of ['two', 'three']) doors.push(await start(name, { listens: true, doors: doors.slice(0, 1) }))
    const rig = await start('rig', { doors, serves: true })
    const seats = (): readonly string[] => rig.status().reach.relays
    await eventually('the rig has two seats', () => seats().length === 2)
    const lost = doors.find(({ peerId }) => peerId === seats()[0])
    assert.ok(lost !== undefined)
    await lost.stop()
    nodes.splice(nodes.indexOf(lost), 1)
    await eventually('another one', () => seats().length === 2 && !seats().includes(lost.peerId))
    assert.ok(rig.addresses().every((address) => !address.includes(lost.peerId)))
  })
})
