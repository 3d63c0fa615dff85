/**
 * Several homes, each behind its own NAT and firewall, on one wide network; in namespaces of this process. Linux, root
 * and nftables only; `down` removes everything.
 *
 *     home 1  192.168.1.10 --- router 11.0.0.101 ---+
 *     home 2  192.168.2.10 --- router 11.0.0.102 ---+--- net 11.0.0.9: bootstrap nodes, relays, STUN
 */
import { type ChildProcess, execFileSync } from 'node:child_process'
import { ip, NamespacePrograms } from './namespace-programs.ts'

/** The wide network, or the number of a home from 1 on. */
export type Place = 'net' | number

export interface HomesInit {
  /** @default 2 */
  readonly homes?: number
  /** Homes whose router draws another port for each connection, so that no hole can be punched. @default none */
  readonly symmetric?: readonly number[]
  /** Homes whose router lets no UDP pass. @default none */
  readonly noUdp?: readonly number[]
}

/** Of a range that libp2p takes for public; those reserved for documentation it does not. Nothing leaves this host. */
const WIDE = '11.0.0'

export class Homes {
  readonly #programs = new NamespacePrograms()
  readonly #names = new Map<Place, string>()
  readonly #routers = new Map<number, string>()
  readonly #init: Required<HomesInit>

  constructor({ homes = 2, symmetric = [], noUdp = [] }: HomesInit = {}) {
    this.#init = { homes, symmetric, noUdp }
  }

  /** Why this host has no homes for us; undefined when it has. */
  static obstacle(): string | undefined {
    try {
      execFileSync('nft', ['--version'], { stdio: 'ignore' })
    } catch {
      return 'homes behind NATs need nftables'
    }
    return NamespacePrograms.obstacle()
  }

  /** Where a program in the place is: of a home, its address behind the NAT. */
  address(place: Place): string {
    return place === 'net' ? `${WIDE}.9` : `192.168.${place}.10`
  }

  /** The address by which others see a home. */
  outside(home: number): string {
    return `${WIDE}.${100 + home}`
  }

  up(): void {
    const net = this.#programs.add('net')
    this.#names.set('net', net)
    ip('-n', net, 'link', 'add', 'br0', 'type', 'bridge')
    ip('-n', net, 'link', 'set', 'br0', 'up')
    ip('-n', net, 'addr', 'add', `${this.address('net')}/24`, 'dev', 'br0')
    for (let home = 1; home <= this.#init.homes; home += 1) this.#build(home, net)
  }

  /** Runs a program of Node's in a place. Its process id is the program's own. */
  spawn(place: Place, args: readonly string[]): ChildProcess {
    return this.#programs.spawn(this.name(place), args)
  }

  /** Makes a port of a place's loopback reachable under the same number on ours. */
  async bringOut(place: Place, port: number): Promise<void> {
    await this.#programs.bringOut(this.name(place), port)
  }

  /** Makes a port of our loopback reachable under the same number on a place's. */
  async takeIn(place: Place, port: number): Promise<void> {
    await this.#programs.takeIn(this.name(place), port)
  }

  /** A port of the router leads to the same one of the home from now on, as an owner or UPnP would have it. */
  forward(home: number, port: number): void {
    const rule = `iifname "wan" tcp dport ${port} dnat to ${this.address(home)}`
    nft(this.#router(home), `table ip forwarded { chain pre { type nat hook prerouting priority -100; ${rule}; }; }`)
    nft(this.#router(home), `add rule inet firewall forwarding iifname "wan" tcp dport ${port} accept`)
  }

  /** Cuts a home off the wide network: what it sends vanishes. `heal` ends it. */
  cut(home: number): void {
    ip('-n', this.#router(home), 'link', 'set', 'wan', 'down')
  }

  heal(home: number): void {
    ip('-n', this.#router(home), 'link', 'set', 'wan', 'up')
  }

  /** The namespace of a place, for `ip -n` and `ip netns exec`. */
  name(place: Place): string {
    return this.#names.get(place) ?? ''
  }

  async down(): Promise<void> {
    await this.#programs.end()
  }

  #build(home: number, net: string): void {
    const [router, inside] = [this.#programs.add(`r${home}`), this.#programs.add(`h${home}`)]
    this.#routers.set(home, router)
    this.#names.set(home, inside)
    const link = (of: string, as: string, to: string, at: string): void =>
      ip('link', 'add', as, 'netns', of, 'type', 'veth', 'peer', 'name', at, 'netns', to)
    const addressed = (of: string, device: string, address: string): void => {
      ip('-n', of, 'addr', 'add', `${address}/24`, 'dev', device)
      ip('-n', of, 'link', 'set', device, 'up')
    }
    link(net, `w${home}`, router, 'wan')
    ip('-n', net, 'link', 'set', `w${home}`, 'master', 'br0', 'up')
    addressed(router, 'wan', this.outside(home))
    link(router, 'lan', inside, 'eth0')
    addressed(router, 'lan', `192.168.${home}.1`)
    addressed(inside, 'eth0', this.address(home))
    ip('-n', inside, 'route', 'add', 'default', 'via', `192.168.${home}.1`)
    execFileSync('ip', ['netns', 'exec', router, 'sysctl', '-qw', 'net.ipv4.ip_forward=1'])
    nft(router, this.#rules(home))
  }

  /**
   * What the router does. Packets that nobody asked for are dropped where they come in, as home routers do: else
   * connection tracking would keep them, the answer would leave from another port, and no hole could be punched.
   */
  #rules(home: number): string {
    const { symmetric, noUdp } = this.#init
    return `
table ip nat4 {
  chain post {
    type nat hook postrouting priority 100; policy accept;
    oifname "wan" masquerade${symmetric.includes(home) ? ' fully-random' : ''}
  }
}
table inet firewall {
  chain incoming {
    type filter hook input priority 0; policy accept;
    iifname "wan" ct state new drop
  }
  chain forwarding {
    type filter hook forward priority 0; policy drop;
    ${noUdp.includes(home) ? 'meta l4proto udp drop' : ''}
    ct state established,related accept
    iifname "lan" accept
  }
}`
  }

  #router(home: number): string {
    return this.#routers.get(home) ?? ''
  }
}

function nft(namespace: string, rules: string): void {
  execFileSync('ip', ['netns', 'exec', namespace, 'nft', '-f', '-'], {
    input: rules,
    stdio: ['pipe', 'ignore', 'pipe'],
  })
}
