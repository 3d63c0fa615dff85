/**
 * A node that is alone comes in, by each way on its own: in this process over loopback, and by mDNS between two daemons
 * in namespaces of their own. Needs root and `ip`, for mDNS alone.
 */
import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { silentLogger } from '../../core/logger.ts'
import { systemClock } from '../../core/run/clock.ts'
import { visitPublicDht } from '../../discovery/rendezvous/public-dht.ts'
import { Rendezvous } from '../../discovery/rendezvous/rendezvous.ts'
import type { WayIn } from '../../discovery/ways-in/first-peer.ts'
import type { NodeStatus } from '../../node/api/node-api.ts'
import { Amino } from '../support/amino.ts'
import { CLI, eventually, type ReadyLine } from '../support/daemon.ts'
import { addressOf, newPeerId } from '../support/fake-libp2p.ts'
import { NamespacePair, type Side } from '../support/namespace-pair.ts'
import { startedNode } from '../support/node-pair.ts'
import { sparePort } from '../support/spare-port.ts'
import {
  FakeMemory,
  type SwarmNode,
  type SwarmNodeOptions,
  swarmNode,
  untilKnown,
  untilTable,
} from '../support/swarm-node.ts'

/** Nodes of the simulated public DHT. */
const AMINO_NODES = 12

export class WaysIn {
  readonly #folder = mkdtempSync(join(tmpdir(), 'realmesh-ways-'))
  readonly #amino = new Amino()
  #homes = 0

  async start(): Promise<void> {
    await this.#amino.start(AMINO_NODES)
  }

  async stop(): Promise<void> {
    await this.#amino.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Milliseconds from the start, before the node listens, to its first peer, which is up. */
  async byBootstrap(): Promise<number> {
    const door = await swarmNode()
    return await cameBy('bootstrap', { bootstrap: door.libp2p.getMultiaddrs() }, [door])
  }

  /** The same for a node that met a peer in its run before. All bootstrap nodes are down. */
  async byMemory(): Promise<number> {
    const [door, friend] = [await swarmNode(), await swarmNode()]
    const memory = new FakeMemory()
    const before = await swarmNode({ bootstrap: friend.libp2p.getMultiaddrs(), memory })
    const { privateKey } = before
    await untilKnown(before, friend.id)
    await before.stop()
    await door.stop()
    const bootstrap = [...door.libp2p.getMultiaddrs(), addressOf(await newPeerId())]
    return await cameBy('remembered', { bootstrap, memory, privateKey }, [friend])
  }

  /** Milliseconds from following a line to being of the home of the node that made it. */
  async byInvitation(): Promise<number> {
    const [rig, laptop] = [await this.#node('rig'), await this.#node('laptop')]
    try {
      const { text } = await rig.control.invitations.create({ kind: 'home', hours: 1, uses: 1 })
      const began = performance.now()
      await laptop.control.invitations.join(text)
      const took = performance.now() - began
      assert.equal(laptop.peers().find(({ id }) => id === rig.peerId)?.relation, 'home')
      return took
    } finally {
      await Promise.all([laptop.stop(), rig.stop()])
    }
  }

  /** Milliseconds from the start to the first peer, met in the DHT; the other ways have a few seconds before it. */
  async byRendezvous(): Promise<number> {
    const first = await swarmNode()
    const shown = Promise.withResolvers<void>()
    const there = this.#meeting(first, shown.resolve)
    await there.start()
    await shown.promise
    let here: Rendezvous | undefined
    try {
      return await cameBy('rendezvous', {}, [first], async (node) => {
        here = this.#meeting(node, () => {})
        await here.start()
      })
    } finally {
      await Promise.all([there.stop(), here?.stop()])
    }
  }

  /** Milliseconds from the start of a daemon to its first peer, a neighbour on the same link. */
  async byMdns(): Promise<number> {
    const link = new NamespacePair()
    try {
      link.up()
      await this.#daemon(link, 'a')
      const { http } = await this.#daemon(link, 'b')
      await link.bringOut('b', Number(new URL(http).port))
      const first = await eventually('the neighbour is met', async () => {
        const { waysIn } = (await (await fetch(`${http}/api/status`)).json()) as NodeStatus
        return waysIn.first
      })
      // That the neighbour dials first is the same way seen from its other end.
      assert.ok(first.way === 'mdns' || first.way === 'called', first.way)
      return first.afterMs
    } finally {
      await link.down()
    }
  }

  async #daemon(link: NamespacePair, side: Side): Promise<ReadyLine> {
    const listen = `/ip4/${link.address(side)}/tcp/0`
    const flags = ['--listen', listen, '--http', `127.0.0.1:${await sparePort()}`, '--no-detect', '--no-builtin']
    return await readyLine(link.spawn(side, [CLI, 'up', '--home', this.#home(side), ...flags, '--json']))
  }

  async #node(name: string): ReturnType<typeof startedNode> {
    return await startedNode(this.#home(name), undefined, {}, { name })
  }

  #home(name: string): string {
    this.#homes += 1
    const home = join(this.#folder, `${name}-${this.#homes}`)
    mkdirSync(home, { mode: 0o700 })
    // No disk space set aside: writing it would be most of the work.
    writeFileSync(join(home, 'realms.yml'), 'user_data:\n  reserve: 0\n')
    return home
  }

  /** Loopback counts as public: all of this is one machine. */
  #meeting({ privateKey, table, discovery, libp2p }: SwarmNode, onShown: () => void): Rendezvous {
    return new Rendezvous(
      {
        visit: (bootstrap, shown, signal) =>
          visitPublicDht({ privateKey, bootstrap, shown, mayDial: () => true }, signal),
        resolver: new Resolver(),
        shown: () => libp2p.getMultiaddrs(),
        connected: () => table.connectedCount,
        suggest: (hint) => discovery.suggest('rendezvous', hint),
        clock: systemClock,
        log: {
          ...silentLogger,
          info: ({ state }: { readonly state?: string }) => {
            if (state === 'shown') onShown()
          },
        },
      },
      {
        network: 'test',
        secret: 'ours',
        epochMs: 3_600_000,
        enoughPeers: 1,
        bootstrap: this.#amino.bootstrap.map(String),
      },
    )
  }
}

/** Milliseconds to the first peer of a node with these options, which came by that way; then all of them end. */
async function cameBy(
  way: WayIn,
  options: SwarmNodeOptions,
  others: readonly SwarmNode[],
  begin: (node: SwarmNode) => Promise<void> = async () => {},
): Promise<number> {
  const node = await swarmNode(options)
  try {
    await begin(node)
    await untilTable(node, (table) => table.connectedCount > 0)
    const { first } = node.discovery.ways.status()
    assert.equal(first?.way, way)
    return first.afterMs
  } finally {
    await Promise.all([node, ...others].map((each) => each.stop()))
  }
}

async function readyLine(child: ChildProcess): Promise<ReadyLine> {
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  assert.ok(child.stdout !== null)
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(() => assert.fail(`the daemon ended: ${stderr}`)),
  ])) as [string]
  return JSON.parse(line) as ReadyLine
}
