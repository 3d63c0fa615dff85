/**
 * Two network namespaces on one link, for faults that loopback cannot have: the link between them can be cut, both ways
 * or one way, so that every packet vanishes without a word, and healed. Linux and root only; `down` removes everything.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type Side = 'a' | 'b'
const SIDES: readonly Side[] = ['a', 'b']
/** Packets to this address of the link reach nobody. */
const NOBODY = '02:00:00:00:00:99'
const SUPPORT = dirname(fileURLToPath(import.meta.url))
const ROOT = join(SUPPORT, '..', '..')

export class NamespacePair {
  readonly #folder = mkdtempSync(join(tmpdir(), 'realmesh-netns-'))
  readonly #children = new Set<ChildProcess>()
  readonly #servers: Server[] = []
  #relays = 0

  /** Why this host has no namespaces for us; undefined when it has. */
  static obstacle(): string | undefined {
    const name = nameOf('probe')
    try {
      ip('netns', 'add', name)
      ip('netns', 'del', name)
      return undefined
    } catch (error) {
      return `network namespaces need Linux, root and iproute2: ${String(error).split('\n')[0]}`
    }
  }

  /** Address of a side on the link. */
  address(side: Side): string {
    return `10.77.0.${side === 'a' ? 1 : 2}`
  }

  up(): void {
    for (const side of SIDES) ip('netns', 'add', nameOf(side))
    ip('link', 'add', 'e0', 'netns', nameOf('a'), 'type', 'veth', 'peer', 'name', 'e0', 'netns', nameOf('b'))
    for (const side of SIDES) {
      ip('-n', nameOf(side), 'addr', 'add', `${this.address(side)}/24`, 'dev', 'e0')
      ip('-n', nameOf(side), 'link', 'set', 'e0', 'up')
      ip('-n', nameOf(side), 'link', 'set', 'lo', 'up')
    }
  }

  /** From now on nothing that `sides` send arrives. */
  cut(sides: readonly Side[] = SIDES): void {
    for (const side of sides) {
      const other = this.address(side === 'a' ? 'b' : 'a')
      ip('-n', nameOf(side), 'neigh', 'replace', other, 'lladdr', NOBODY, 'dev', 'e0', 'nud', 'permanent')
    }
  }

  heal(sides: readonly Side[] = SIDES): void {
    for (const side of sides) {
      ip('-n', nameOf(side), 'neigh', 'del', this.address(side === 'a' ? 'b' : 'a'), 'dev', 'e0')
    }
  }

  /** Runs a program of Node's on one side. Its process id is the program's own. */
  spawn(side: Side, args: readonly string[]): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', nameOf(side), process.execPath, ...args], {
      cwd: ROOT,
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#children.add(child)
    child.once('exit', () => this.#children.delete(child))
    return child
  }

  /** Makes a port of one side's loopback reachable under the same number on ours, so that URLs hold on both. */
  async bringOut(side: Side, port: number): Promise<void> {
    const path = this.#path()
    await this.#relay(side, path, port)
    await this.#listen(connectTo(path), port)
  }

  /** Makes a port of our loopback reachable under the same number on one side's. */
  async takeIn(side: Side, port: number): Promise<void> {
    const path = this.#path()
    await this.#listen(connectTo(port), path)
    await this.#relay(side, port, path)
  }

  async down(): Promise<void> {
    for (const child of [...this.#children]) {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    }
    for (const server of this.#servers) server.close()
    for (const side of SIDES) {
      try {
        ip('netns', 'del', nameOf(side))
      } catch {
        // It was never made.
      }
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #path(): string {
    this.#relays += 1
    return join(this.#folder, `relay-${this.#relays}`)
  }

  async #relay(side: Side, listen: string | number, target: string | number): Promise<void> {
    const script = join(SUPPORT, 'relay-child.ts')
    const child = this.spawn(side, ['--import', 'tsx', script, '--listen', `${listen}`, '--connect', `${target}`])
    child.stderr?.pipe(process.stderr)
    if (child.stdout !== null) await once(child.stdout, 'data')
  }

  async #listen(open: () => ReturnType<typeof connect>, at: string | number): Promise<void> {
    const server = createServer((incoming) => {
      const outgoing = open()
      incoming.pipe(outgoing).pipe(incoming)
      incoming.on('error', () => outgoing.destroy()).on('close', () => outgoing.destroy())
      outgoing.on('error', () => incoming.destroy()).on('close', () => incoming.destroy())
    })
    this.#servers.push(server)
    server.listen(typeof at === 'number' ? { port: at, host: '127.0.0.1' } : { path: at })
    await once(server, 'listening')
  }
}

function connectTo(target: string | number): () => ReturnType<typeof connect> {
  return () => (typeof target === 'number' ? connect(target, '127.0.0.1') : connect(target))
}

/** Names of this process, so that two test runs do not meet. */
function nameOf(side: string): string {
  return `rm-${process.pid}-${side}`
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}
