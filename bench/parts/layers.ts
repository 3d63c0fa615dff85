/**
 * What a query costs on its way through all layers of one node and back: CPU of this process, with an engine that
 * answers at once and no HTTP. The least of many windows: neighbours on the machine only ever add. Some ten seconds.
 */
import '../../core/node20-shim.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import { resolveConfig } from '../../config/file/resolve-config.ts'
import { fileSchema } from '../../config/schema/file-schema.ts'
import { silentLogger } from '../../core/logger.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { Engine } from '../../engines/adapter/engine.ts'
import { homeFolder, prepareHome } from '../../home/home-folder.ts'
import { createNode } from '../../node/create-node.ts'
import type { RealmeshNode } from '../../node/realmesh-node.ts'

const URL = 'http://127.0.0.1:1'
const USERS = 64
const WINDOW = 1_000
const WINDOWS = 25
/** Until the compiler has seen all of it. */
const WARM_UP = 20_000

const TEXT: QueryEvent = { kind: 'text', text: ' token'.repeat(4) }
const END: QueryEvent = { kind: 'end', finishReason: 'stop', usage: { promptTokens: 8, completionTokens: 8 } }
const PLAIN = { vision: false, tools: false, reasoning: false, structured: false, prefill: true }

const engine: Engine = {
  kind: 'openai',
  url: URL,
  cancelMode: 'disconnect',
  defaultSlots: USERS,
  cloud: false,
  models: async () => [{ name: 'tiny', types: ['chat'], capabilities: PLAIN }],
  // Two waits, as a socket would make them.
  run: async function* () {
    await undefined
    yield TEXT
    await undefined
    yield TEXT
    yield END
  },
  probe: async () => {},
  close: async () => {},
}

async function startNode(folder: string): Promise<RealmeshNode> {
  const home = homeFolder(folder, {})
  await prepareHome(home)
  const values = fileSchema.parse({
    user_data: { reserve: 0 },
    workers: [{ name: 'instant', engine: 'openai', url: URL, slots: 2 * USERS }],
    node: { network: 'bench', listen: ['/ip4/127.0.0.1/tcp/0'], mdns: false, builtin: false, detect: false },
  })
  const config = resolveConfig(values, { federationId: 'federation_00000001' })
  const engines = { create: () => engine }
  const node = await createNode({ config, home, log: silentLogger, version: '0.0.0', engines })
  await node.start()
  while (node.models().length === 0) await delay(20)
  return node
}

async function ask(node: RealmeshNode): Promise<void> {
  const life = linkedAbort()
  const body = { messages: [{ role: 'user', content: 'p'.repeat(64) }] } as const
  const { events } = node.query({ type: 'chat', model: 'tiny', user: 'bench', body }, { signal: life.signal })
  for await (const _ of events);
  life.release()
}

/** `USERS` at once, each asking again in a later turn of the loop. */
async function askAll(node: RealmeshNode, total: number): Promise<void> {
  let left = total
  const user = async (): Promise<void> => {
    for (; left > 0; ) {
      left -= 1
      await ask(node)
      await turn()
    }
  }
  await Promise.all(Array.from({ length: USERS }, user))
}

async function cpuUsPerQuery(node: RealmeshNode): Promise<number> {
  const before = process.cpuUsage()
  await askAll(node, WINDOW)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / WINDOW
}

const folder = await mkdtemp(join(tmpdir(), 'realmesh-layers-'))
try {
  const node = await startNode(folder)
  await askAll(node, WARM_UP)
  const windows: number[] = []
  for (let i = 0; i < WINDOWS; i += 1) windows.push(await cpuUsPerQuery(node))
  windows.sort((a, b) => a - b)
  const [least = 0, median = 0] = [windows[0], windows[WINDOWS >> 1]]
  console.log(`${least.toFixed(1)} us CPU per query through all layers (median ${median.toFixed(1)})`)
  await node.stop()
} finally {
  await rm(folder, { recursive: true, force: true })
}
