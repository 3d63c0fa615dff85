/**
 * A laptop that sleeps, moves to another address, or is left by everybody: what it can do itself goes on, and it is
 * back in the swarm soon after. Needs root and `ip`.
 */
import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { PeerStatus } from '../../node/api/node-api.ts'
import { type ChatResult, streamChat } from '../support/chat-client.ts'
import { CLI, eventually, type ReadyLine } from '../support/daemon.ts'
import { startStub } from '../support/engines/stub-kinds.ts'
import type { StubServer } from '../support/engines/stub-server.ts'
import { NamespacePair, type Side } from '../support/namespace-pair.ts'
import { sparePort } from '../support/spare-port.ts'

/** Models of the rigs at home, each of which alone has its own; the laptop has `near`. */
const HOME_MODELS = ['far', 'farther'] as const

interface Rig {
  readonly name: string
  readonly args: readonly string[]
  child: ChildProcess
}

export class ComingBack {
  readonly #folder = mkdtempSync(join(tmpdir(), 'realmesh-back-'))
  readonly #link = new NamespacePair()
  readonly #stubs: StubServer[] = []
  readonly #rigs: Rig[] = []
  #laptop: ChildProcess | undefined
  #gateway = ''

  /** Two rigs at home, of which one is the bootstrap node, and a laptop with an engine of its own. */
  async start(): Promise<void> {
    this.#link.up()
    const [first, second] = HOME_MODELS
    const boot = await this.#rig('boot', first, [])
    const join = [
      ...['--bootstrap', boot.p2p[0] ?? ''],
      ...['--federation-key', `${this.#folder}/boot/data/federation.key`],
    ]
    await this.#rig('rig', second, join)
    const near = await this.#engine('b', 'near')
    const port = await sparePort()
    const args = ['--listen', '/ip4/0.0.0.0/tcp/0', '--http', `127.0.0.1:${port}`, ...join, '--engine', near]
    const { child, ready } = await this.#up('b', 'laptop', args)
    this.#laptop = child
    this.#gateway = ready.http
    await this.#link.bringOut('b', port)
    await this.#allBack()
  }

  async stop(): Promise<void> {
    this.#laptop?.kill('SIGCONT')
    await this.#link.down()
    await Promise.all(this.#stubs.map((stub) => stub.stop()))
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** The laptop is closed for so long, and its network is gone meanwhile; milliseconds from its opening to all back. */
  async sleep(ms: number): Promise<number> {
    this.#link.cut()
    this.#laptop?.kill('SIGSTOP')
    await new Promise((resolve) => setTimeout(resolve, ms))
    this.#link.heal()
    this.#laptop?.kill('SIGCONT')
    return await this.#allBack()
  }

  /** The laptop has another address from now on; milliseconds until all are back. */
  async move(): Promise<number> {
    this.#link.move('b')
    return await this.#allBack()
  }

  /** All other nodes are down for so long; milliseconds from the return of the last one to all back. */
  async left(ms: number): Promise<number> {
    for (const { child } of this.#rigs) child.kill('SIGKILL')
    const until = performance.now() + ms
    do {
      assert.equal((await this.#ask('near')).kind, 'done')
      await new Promise((resolve) => setTimeout(resolve, 250))
    } while (performance.now() < until)
    await Promise.all(
      this.#rigs.map(async (rig) => {
        rig.child = (await this.#up('a', rig.name, rig.args)).child
      }),
    )
    return await this.#allBack()
  }

  /** Milliseconds until the laptop has an answer of each rig and of itself. */
  async #allBack(): Promise<number> {
    const since = performance.now()
    await Promise.all(
      ['near', ...HOME_MODELS].map((model) =>
        eventually(`${model} answers`, async () => (await this.#ask(model)).kind === 'done'),
      ),
    )
    const ms = performance.now() - since
    await eventually('both rigs are connected', async () => {
      const { peers } = (await (await fetch(`${this.#gateway}/api/peers`)).json()) as { peers: PeerStatus[] }
      return peers.filter(({ connected, path }) => connected && path?.kind === 'lan').length === HOME_MODELS.length
    })
    return ms
  }

  async #rig(name: string, model: string, args: readonly string[]): Promise<ReadyLine> {
    const engine = await this.#engine('a', model)
    // The same port after a restart, as an owner's rig has it.
    const listen = `/ip4/${this.#link.address('a')}/tcp/${await sparePort()}`
    const all = ['--listen', listen, '--http', '127.0.0.1:0', ...args, '--engine', engine]
    const { child, ready } = await this.#up('a', name, all)
    this.#rigs.push({ name, args: all, child })
    return ready
  }

  async #engine(side: Side, model: string): Promise<string> {
    const stub = await startStub('ollama', { models: [model], tokens: 4 }, await sparePort())
    this.#stubs.push(stub)
    await this.#link.takeIn(side, Number(new URL(stub.url).port))
    return `ollama=${stub.url}`
  }

  async #up(
    side: Side,
    name: string,
    args: readonly string[],
  ): Promise<{ readonly child: ChildProcess; readonly ready: ReadyLine }> {
    const home = join(this.#folder, name)
    mkdirSync(home, { mode: 0o700, recursive: true })
    // No disk space set aside: writing it would be most of the work.
    writeFileSync(join(home, 'realms.yml'), 'user_data:\n  reserve: 0\n')
    const child = this.#link.spawn(side, [
      ...[CLI, 'up', '--home', home, '--no-detect', '--no-mdns', '--no-builtin', '--json'],
      ...args,
    ])
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    assert.ok(child.stdout !== null)
    const [line] = (await Promise.race([
      once(createInterface({ input: child.stdout }), 'line'),
      once(child, 'exit').then(() => assert.fail(`${name} ended: ${stderr}`)),
    ])) as [string]
    return { child, ready: JSON.parse(line) as ReadyLine }
  }

  #ask(model: string): Promise<ChatResult> {
    return streamChat(this.#gateway, { content: `hello ${model}`, model })
  }
}
