/**
 * Two network namespaces on one link, for faults that loopback cannot have: the link between them can be cut, both ways
 * or one way, so that every packet vanishes without a word, and healed. Linux and root only; `down` removes everything.
 */
import type { ChildProcess } from 'node:child_process'
import { ip, NamespacePrograms } from './namespace-programs.ts'

export type Side = 'a' | 'b'
const SIDES: readonly Side[] = ['a', 'b']
/** Packets to this address of the link reach nobody. */
const NOBODY = '02:00:00:00:00:99'

export class NamespacePair {
  readonly #programs = new NamespacePrograms()
  readonly #names = new Map<Side, string>()
  readonly #hosts: Record<Side, number> = { a: 1, b: 2 }

  /** Why this host has no namespaces for us; undefined when it has. */
  static obstacle(): string | undefined {
    return NamespacePrograms.obstacle()
  }

  /** Address of a side on the link. */
  address(side: Side): string {
    return `10.77.0.${this.#hosts[side]}`
  }

  /** Gives a side another address; the old one is gone at once, as for a laptop that is carried to another network. */
  move(side: Side): void {
    const old = this.address(side)
    this.#hosts[side] += 2
    ip('-n', this.#name(side), 'addr', 'del', `${old}/24`, 'dev', 'e0')
    ip('-n', this.#name(side), 'addr', 'add', `${this.address(side)}/24`, 'dev', 'e0')
  }

  up(): void {
    for (const side of SIDES) this.#names.set(side, this.#programs.add(side))
    ip('link', 'add', 'e0', 'netns', this.#name('a'), 'type', 'veth', 'peer', 'name', 'e0', 'netns', this.#name('b'))
    for (const side of SIDES) {
      ip('-n', this.#name(side), 'addr', 'add', `${this.address(side)}/24`, 'dev', 'e0')
      ip('-n', this.#name(side), 'link', 'set', 'e0', 'up')
      // As a default route would have it: what announces itself to neighbours leaves by the link.
      ip('-n', this.#name(side), 'route', 'add', '224.0.0.0/4', 'dev', 'e0')
    }
  }

  /** From now on nothing that `sides` send arrives. */
  cut(sides: readonly Side[] = SIDES): void {
    for (const side of sides) {
      const other = this.address(side === 'a' ? 'b' : 'a')
      ip('-n', this.#name(side), 'neigh', 'replace', other, 'lladdr', NOBODY, 'dev', 'e0', 'nud', 'permanent')
    }
  }

  heal(sides: readonly Side[] = SIDES): void {
    for (const side of sides) {
      ip('-n', this.#name(side), 'neigh', 'del', this.address(side === 'a' ? 'b' : 'a'), 'dev', 'e0')
    }
  }

  /** Runs a program of Node's on one side. Its process id is the program's own. */
  spawn(side: Side, args: readonly string[]): ChildProcess {
    return this.#programs.spawn(this.#name(side), args)
  }

  /** Makes a port of one side's loopback reachable under the same number on ours, so that URLs hold on both. */
  async bringOut(side: Side, port: number): Promise<void> {
    await this.#programs.bringOut(this.#name(side), port)
  }

  /** Makes a port of our loopback reachable under the same number on one side's. */
  async takeIn(side: Side, port: number): Promise<void> {
    await this.#programs.takeIn(this.#name(side), port)
  }

  async down(): Promise<void> {
    await this.#programs.end()
  }

  #name(side: Side): string {
    return this.#names.get(side) ?? ''
  }
}
