/**
 * What is measured: the engine itself, a bare relay, a node with the engine beside it, and a node that asks a peer for
 * it.
 */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { benchFile, type Spawned, spawnNode } from './spawned.ts'

export interface Target {
  readonly name: string
  readonly url: string
  /** Processes that do the target's work; of `direct`, the engine's own. */
  readonly pids: readonly number[]
}

export interface Targets {
  readonly all: readonly Target[]
  /** Milliseconds until each daemon said that it was ready. */
  readonly readyMs: readonly number[]
  /** Processes of an idle node, for its memory. */
  readonly idleNode: number
  stop(): Promise<void>
}

/** What `npm start` runs, flags of Node included. */
const START = startCommand()

/** More than any scenario has users: the bench measures the way to the engine, not the queue in front of it. */
const SLOTS = 2048

/** What runs of one bench, and how more of it is started. */
interface Stage {
  readonly home: string
  readonly start: (args: readonly string[]) => Promise<Spawned>
  readonly node: (name: string, more: readonly string[]) => Promise<Spawned>
  readonly stop: () => Promise<void>
}

async function openStage(profiles?: string): Promise<Stage> {
  const home = await mkdtemp(join(tmpdir(), 'realmesh-bench-'))
  const running: Spawned[] = []
  const start = async (args: readonly string[]): Promise<Spawned> => {
    const child = await spawnNode(args)
    running.push(child)
    return child
  }
  const node = (name: string, more: readonly string[]): Promise<Spawned> =>
    start([...(profiles === undefined ? [] : profiled(profiles, name)), ...daemon(join(home, name), more)])
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((child) => child.stop()))
    await rm(home, { recursive: true, force: true })
  }
  return { home, start, node, stop }
}

/** The engine, and the path of a configuration that names it. */
async function startEngine({ home, start }: Stage): Promise<{ readonly upstream: Spawned; readonly config: string }> {
  const upstream = await start(benchFile('targets/upstream'))
  const config = join(home, 'realms.yml')
  await writeFile(config, configWith(httpOf(upstream)))
  return { upstream, config }
}

export interface LocalTarget extends Target {
  stop(): Promise<void>
}

/** A node with the engine beside it, and nothing else. `profiles`: folder for its CPU profile. */
export async function startLocal(profiles?: string): Promise<LocalTarget> {
  const stage = await openStage(profiles)
  try {
    const { config } = await startEngine(stage)
    const local = await stage.node('local', ['--config', config])
    await modelArrives(httpOf(local))
    return { name: 'local', url: httpOf(local), pids: [local.pid], stop: stage.stop }
  } catch (cause) {
    await stage.stop()
    throw cause
  }
}

/**
 * Starts the engine, the relay and three nodes, the last of which asks the second. `profiles`: folder for a CPU profile
 * of each.
 */
export async function startTargets(profiles?: string): Promise<Targets> {
  const stage = await openStage(profiles)
  const { home, start, node, stop } = stage
  try {
    const { upstream, config } = await startEngine(stage)
    const relay = await start([...benchFile('targets/relay'), httpOf(upstream)])
    const local = await node('local', ['--config', config])
    const server = await node('server', ['--config', config])
    const key = join(home, 'server', 'data', 'federation.key')
    const asker = await node('asker', ['--bootstrap', p2pOf(server), '--federation-key', key])
    await modelArrives(httpOf(asker))
    return {
      all: [
        { name: 'direct', url: httpOf(upstream), pids: [upstream.pid] },
        { name: 'relay', url: httpOf(relay), pids: [relay.pid] },
        { name: 'local', url: httpOf(local), pids: [local.pid] },
        { name: 'peer', url: httpOf(asker), pids: [asker.pid, server.pid] },
      ],
      readyMs: [local, server, asker].map((child) => child.readyMs),
      idleNode: local.pid,
      stop,
    }
  } catch (cause) {
    await stop()
    throw cause
  }
}

function daemon(home: string, more: readonly string[]): readonly string[] {
  const address = ['--http', '127.0.0.1:0', '--listen', '/ip4/127.0.0.1/tcp/0']
  return [...START, '--home', home, ...address, '--no-mdns', '--no-detect', '--no-builtin', '--json', ...more]
}

function startCommand(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const words: readonly string[] = scripts.start.split(' ').slice(1)
  return words.map((word) => (word.endsWith('.js') ? join(root, word) : word))
}

function profiled(folder: string, name: string): readonly string[] {
  return ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${name}.cpuprofile`]
}

function configWith(engine: string): string {
  return `workers:\n  - name: bench\n    engine: openai\n    url: ${engine}\n    slots: ${SLOTS}\n`
}

function httpOf(child: Spawned): string {
  return String(child.ready['http'])
}

function p2pOf(child: Spawned): string {
  const addresses = child.ready['p2p']
  return String(Array.isArray(addresses) ? addresses[0] : addresses)
}

/** How long the swarm may take until the asker knows the peer's model. */
const MODEL_WITHIN_MS = 30_000

async function modelArrives(gateway: string): Promise<void> {
  const until = Date.now() + MODEL_WITHIN_MS
  while (Date.now() < until) {
    const response = await fetch(`${gateway}/v1/models`)
    if ((await response.text()).includes('"bench-model"')) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error('the asking node did not learn of the model of its peer')
}
