/**
 * Programs in network namespaces, and ports that are brought from one to another: `ip netns exec` and sockets in the
 * file system, which all namespaces see. Linux and root only; `end` ends all programs and removes all namespaces.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SUPPORT = dirname(fileURLToPath(import.meta.url))
const ROOT = join(SUPPORT, '..', '..')

export class NamespacePrograms {
  readonly #folder = mkdtempSync(join(tmpdir(), 'realmesh-netns-'))
  readonly #names: string[] = []
  readonly #children = new Set<ChildProcess>()
  readonly #servers: Server[] = []
  #relays = 0

  /** Why this host has no namespaces for us; undefined when it has. */
  static obstacle(): string | undefined {
    const name = namespaceOf('probe')
    try {
      ip('netns', 'add', name)
      ip('netns', 'del', name)
      return undefined
    } catch (error) {
      return `network namespaces need Linux, root and iproute2: ${String(error).split('\n')[0]}`
    }
  }

  /** Makes a namespace, whose loopback is up; its name. */
  add(short: string): string {
    const name = namespaceOf(short)
    ip('netns', 'add', name)
    this.#names.push(name)
    ip('-n', name, 'link', 'set', 'lo', 'up')
    return name
  }

  /** Runs a program of Node's in a namespace. Its process id is the program's own. */
  spawn(name: string, args: readonly string[]): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', name, process.execPath, ...args], {
      cwd: ROOT,
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#children.add(child)
    child.once('exit', () => this.#children.delete(child))
    return child
  }

  /** Makes a port of a namespace's loopback reachable under the same number on ours, so that URLs hold in both. */
  async bringOut(name: string, port: number): Promise<void> {
    const path = this.#path()
    await this.#relay(name, path, port)
    await this.#listen(connectTo(path), port)
  }

  /** Makes a port of our loopback reachable under the same number on a namespace's. */
  async takeIn(name: string, port: number): Promise<void> {
    const path = this.#path()
    await this.#listen(connectTo(port), path)
    await this.#relay(name, port, path)
  }

  async end(): Promise<void> {
    for (const child of [...this.#children]) {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    }
    for (const server of this.#servers) server.close()
    for (const name of this.#names) ip('netns', 'del', name)
    this.#names.length = 0
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #path(): string {
    this.#relays += 1
    return join(this.#folder, `relay-${this.#relays}`)
  }

  async #relay(name: string, listen: string | number, target: string | number): Promise<void> {
    const script = join(SUPPORT, 'relay-child.mjs')
    const child = this.spawn(name, [script, '--listen', `${listen}`, '--connect', `${target}`])
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
function namespaceOf(short: string): string {
  return `rm-${process.pid}-${short}`
}

/** `ip` with these arguments; throws what it wrote to its standard error. */
export function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}
