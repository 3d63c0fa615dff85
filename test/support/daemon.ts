import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { NodeStatus, PeerStatus } from '../../node/api/node-api.ts'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
/** The built command: spawned-daemon tests run what people run. */
export const CLI = join(ROOT, 'dist', 'bin', 'realmesh.js')

/** How it is called. */
export const COMMAND: readonly string[] = [process.execPath, CLI]

/** What `up --json` prints when it is ready. */
export interface ReadyLine {
  readonly event: 'ready'
  readonly peerId: string
  readonly http: string
  readonly p2p: readonly string[]
  readonly network: string
}

export interface Daemon extends ReadyLine {
  readonly pid: number
  readonly home: string
  readonly child: ChildProcess
  /** Everything it wrote to stderr so far. */
  stderr(): string
  /** Sends SIGTERM (or another signal) and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  status(): Promise<NodeStatus>
  peers(): Promise<readonly PeerStatus[]>
  /** Multiaddrs with the peer id, as others need them to join. */
  readonly addresses: readonly string[]
}

/** Daemons of one test: homes in a folder of their own, everything ended and removed by `close`. */
export class DaemonHarness {
  readonly folder = mkdtempSync(join(tmpdir(), 'realmesh-daemons-'))
  readonly #children = new Set<ChildProcess>()
  #homes = 0

  /** A fresh home folder. */
  home(): string {
    this.#homes += 1
    const home = join(this.folder, `home-${this.#homes}`)
    mkdirSync(home, { mode: 0o700 })
    // No disk space set aside: a test's home lives for seconds, and writing 64 MB for each would be most of its work.
    writeFileSync(join(home, 'realms.yml'), 'user_data:\n  reserve: 0\n')
    return home
  }

  /** Starts `realmesh up` on loopback with free ports and waits until it is ready. */
  async up(
    args: readonly string[] = [],
    options: { home?: string; env?: NodeJS.ProcessEnv; mdns?: boolean } = {},
  ): Promise<Daemon> {
    const home = options.home ?? this.home()
    const child = this.run(
      ['up', '--home', home, '--http', '127.0.0.1:0', '--listen', '/ip4/127.0.0.1/tcp/0', '--no-detect', '--json']
        .concat(options.mdns === true ? [] : ['--no-mdns'])
        .concat(args),
      options.env,
    )
    const stderr = gather(child)
    const ready = await readyLine(child, stderr)
    const get = async (path: string): Promise<unknown> => {
      const response = await fetch(`${ready.http}${path}`)
      assert.equal(response.status, 200, `${path}: ${response.status}`)
      return await response.json()
    }
    return {
      ...ready,
      pid: child.pid ?? 0,
      home,
      child,
      stderr,
      addresses: ready.p2p.map((address) => (address.includes('/p2p/') ? address : `${address}/p2p/${ready.peerId}`)),
      stop: async (signal = 'SIGTERM') => {
        if (child.exitCode === null && child.signalCode === null) {
          child.kill(signal)
          await once(child, 'exit')
        }
        return { code: child.exitCode, signal: child.signalCode }
      },
      status: async () => (await get('/api/status')) as NodeStatus,
      peers: async () => ((await get('/api/peers')) as { peers: PeerStatus[] }).peers,
    }
  }

  /** Spawns `command`, the built one by default; the harness ends it at the latest in `close`. */
  run(args: readonly string[], env: NodeJS.ProcessEnv = {}, command = COMMAND): ChildProcess {
    const [program = '', ...words] = command
    const child = spawn(program, [...words, ...args], {
      cwd: this.folder,
      env: { ...cleanEnvironment(), NO_COLOR: '1', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#children.add(child)
    child.once('exit', () => this.#children.delete(child))
    return child
  }

  /** Runs the command to its end. */
  async output(
    args: readonly string[],
    env?: NodeJS.ProcessEnv,
    command?: readonly string[],
  ): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const child = this.run(args, env, command)
    child.stdin?.end()
    let stdout = ''
    child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
      stdout += piece
    })
    const stderr = gather(child)
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, stdout, stderr: stderr() }
  }

  /** Ends what still runs and removes the homes. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#children].map(async (child) => {
        child.kill('SIGKILL')
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      }),
    )
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

/**
 * Polls until `condition` holds, for what other processes do and nothing announces. Fails with `what` after
 * `timeoutMs`, which is long: a busy machine is no failure.
 */
export async function eventually<T>(
  what: string,
  condition: () => Promise<T | false | undefined> | T | false | undefined,
  timeoutMs = 120_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const value = await condition()
    if (value !== false && value !== undefined) return value
    if (Date.now() > deadline) assert.fail(`not within ${timeoutMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

/** The environment without settings of ours: what the shell that runs the tests has set is not what they are about. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('REALMESH_')))
}

function gather(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    text += piece
  })
  return () => text
}

async function readyLine(child: ChildProcess, stderr: () => string): Promise<ReadyLine> {
  if (child.stdout === null) throw new TypeError('the daemon has no stdout')
  const lines = createInterface({ input: child.stdout })
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the daemon ended before it was ready:\n${stderr()}`)
  })
  for (;;) {
    const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string]
    const said: unknown = JSON.parse(line)
    if (typeof said === 'object' && said !== null && 'event' in said && said.event === 'ready') {
      ended.catch(() => {})
      return said as ReadyLine
    }
  }
}
