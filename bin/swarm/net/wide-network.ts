/**
 * A topology's network: a namespace for each node, routers for homes, and a switch in between that loses and delays.
 * Nothing outside of these namespaces is touched; `down` removes all of it.
 */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { ALL_LINKS, linkNames } from '../topology/topology-rules.ts'
import type { LinkConditions, Topology } from '../topology/topology-schema.ts'
import { lanAddress, makeRouter, plugIn } from './home-router.ts'
import { addNamespace, ip, ipBatch, namespaceName, removeNamespace } from './namespaces.ts'
import { spawnScript } from './spawn-script.ts'
import { linkMac, SWITCH_ADDRESS, TUNNEL_ADDRESS, VXLAN_PORT, wideAddress } from './vxlan-frame.ts'

/** What the switch is told. */
export type SwitchOrder =
  | { readonly do: 'begin'; readonly seed: number; readonly links: readonly number[] }
  | { readonly do: 'all'; readonly conditions: LinkConditions }
  | { readonly do: 'link'; readonly link: number; readonly conditions: LinkConditions }
  | { readonly do: 'part'; readonly groups: readonly (readonly number[])[] }
  | { readonly do: 'count' }

/** Frames since the begin. */
export interface FrameCounts {
  readonly arrived: number
  readonly lost: number
  readonly overflowed: number
}

/** Where a node stands. */
export interface NodePlace {
  readonly namespace: string
  /** Its own, within its home or on the wide network. */
  readonly address: string
}

/** Packets of the tunnel hold a frame of 1,500 bytes and its wrapping. */
const TUNNEL_MTU = 9_000

export class WideNetwork {
  readonly #topology: Topology
  readonly #made: string[] = []
  readonly #places = new Map<string, NodePlace>()
  /** Numbers of the links of each home, or node without one; an open home has one for each of its nodes. */
  readonly #links = new Map<string, number[]>()
  #switch: ChildProcess | undefined
  #next = 1

  constructor(topology: Topology) {
    this.#topology = topology
  }

  /** Call `down` also when it rejects. */
  async up(): Promise<void> {
    const { nodes, homes, network, seed } = this.#topology
    this.#namespace('sw')
    this.#namespace('tun')
    const [tunnel, wide] = [namespaceName('tun'), namespaceName('sw')]
    const mtu = `${TUNNEL_MTU}`
    ip([
      'link',
      'add',
      't0',
      'mtu',
      mtu,
      'netns',
      tunnel,
      'type',
      'veth',
      'peer',
      'name',
      't0',
      'mtu',
      mtu,
      'netns',
      wide,
    ])
    ipBatch(tunnel, [`addr add ${TUNNEL_ADDRESS}/30 dev t0`, 'link set t0 up'])
    ipBatch(wide, [`addr add ${SWITCH_ADDRESS}/30 dev t0`, 'link set t0 up'])
    for (const [number, [name, home]] of Object.entries(homes).entries()) {
      const inside = nodes.filter((node) => node.home === name)
      if (inside.length === 0) continue
      if (home.nat === 'none') for (const { name: node } of inside) this.#openNode(node, name)
      else {
        const router = this.#namespace(`r${number + 1}`)
        this.#link(router, name)
        makeRouter(router, number + 1, home)
        for (const [index, { name: node }] of inside.entries()) {
          const namespace = this.#namespace(node)
          plugIn(router, namespace, number + 1, index)
          this.#places.set(node, { namespace, address: lanAddress(number + 1, index) })
        }
      }
    }
    for (const { name, home } of nodes) if (home === undefined) this.#openNode(name, name)
    await this.#startSwitch()
    await this.#tell({ do: 'begin', seed, links: [...this.#links.values()].flat() })
    if (network !== undefined) await this.setLink(ALL_LINKS, network)
    for (const name of linkNames(this.#topology)) {
      const home = homes[name]
      if (home !== undefined) await this.setLink(name, home)
    }
  }

  place(node: string): NodePlace {
    const place = this.#places.get(node)
    if (place === undefined) throw new TypeError(`there is no node ${node}`)
    return place
  }

  /** `name`: of a home, of a node without one, or all. */
  async setLink(name: string, { latency_ms, jitter_ms, loss }: LinkConditions): Promise<void> {
    const conditions = { latency_ms, jitter_ms, loss }
    if (name === ALL_LINKS) await this.#tell({ do: 'all', conditions })
    else for (const link of this.#links.get(name) ?? []) await this.#tell({ do: 'link', link, conditions })
  }

  /** Parts the network into groups of homes and nodes; without groups it is whole again. */
  async part(groups: readonly (readonly string[])[]): Promise<void> {
    await this.#tell({
      do: 'part',
      groups: groups.map((names) => names.flatMap((name) => this.#links.get(name) ?? [])),
    })
  }

  counts(): Promise<FrameCounts> {
    return this.#tell({ do: 'count' })
  }

  /** End the nodes first: a namespace lives as long as a process in it. */
  async down(): Promise<void> {
    const child = this.#switch
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    for (const namespace of this.#made.splice(0)) removeNamespace(namespace)
  }

  #namespace(what: string): string {
    const namespace = namespaceName(what)
    this.#made.push(namespace)
    addNamespace(namespace)
    return namespace
  }

  #openNode(node: string, linkName: string): void {
    const namespace = this.#namespace(node)
    this.#places.set(node, { namespace, address: this.#link(namespace, linkName) })
  }

  /** A link to the switch from within a namespace; gives its address on the wide network. */
  #link(namespace: string, name: string): string {
    const link = this.#next
    this.#next += 1
    this.#links.set(name, [...(this.#links.get(name) ?? []), link])
    const tunnel = `remote ${SWITCH_ADDRESS} dstport ${VXLAN_PORT} nolearning remcsumtx remcsumrx`
    // Checksums that the kernel left to a device that does not exist are finished at the other end (remcsum).
    ipBatch(namespaceName('tun'), [
      `link add l${link} type vxlan id ${link} ${tunnel}`,
      `link set l${link} mtu 1500 address ${linkMac(link)} netns ${namespace} name e0`,
    ])
    ipBatch(namespace, [`addr add ${wideAddress(link)}/24 dev e0`, 'link set e0 up'])
    return wideAddress(link)
  }

  async #startSwitch(): Promise<void> {
    const child = spawnScript(import.meta.url, './switch-child', { namespace: namespaceName('sw') })
    this.#switch = child
    const [said] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [unknown]
    if (typeof said !== 'object') throw new Error(`the switch ended with status ${said}`)
  }

  /** One order at a time; resolves when it is followed. */
  async #tell(order: SwitchOrder): Promise<FrameCounts> {
    const child = this.#switch
    if (child === undefined) throw new TypeError('the network is not up')
    const answer = once(child, 'message')
    child.send(order)
    const [{ counts }] = (await answer) as [{ readonly counts: FrameCounts }]
    return counts
  }
}
