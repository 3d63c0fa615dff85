/**
 * Two rigs of one owner, each behind the NAT and firewall of its home, and a bootstrap node that both can dial. The
 * second has an engine, the first asks. Needs root, `ip` and nftables.
 */
import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Path } from '../../core/net/path.ts'
import type { NodeStatus, PeerStatus } from '../../node/api/node-api.ts'
import { type ChatResult, streamChat } from '../support/chat-client.ts'
import { CLI, eventually, type ReadyLine } from '../support/daemon.ts'
import { startStub } from '../support/engines/stub-kinds.ts'
import type { StubServer } from '../support/engines/stub-server.ts'
import { Homes, type HomesInit, type Place } from '../support/homes.ts'
import { sparePort } from '../support/spare-port.ts'

/** A daemon in a place. */
interface Placed {
  readonly ready: ReadyLine
  readonly child: ChildProcess
}

export class TwoHomes {
  readonly #folder = mkdtempSync(join(tmpdir(), 'realmesh-homes-'))
  readonly #homes: Homes
  #engine: StubServer | undefined
  #rigs: readonly [Placed, Placed] | undefined
  #queries = 0

  constructor(init: Omit<HomesInit, 'homes'> = {}) {
    this.#homes = new Homes({ homes: 2, ...init })
  }

  static obstacle(): string | undefined {
    return Homes.obstacle()
  }

  /** Resolves when both rigs are up; how they reach each other is still to come. */
  async start(): Promise<void> {
    this.#homes.up()
    this.#engine = await startStub('ollama', { models: ['tiny'], tokens: 20, tokenMs: 10 }, await sparePort())
    await this.#homes.takeIn(2, Number(new URL(this.#engine.url).port))
    const { ready } = await this.#up('net', 'bootstrap', ['--http', '127.0.0.1:0'])
    const joining = [
      ...['--bootstrap', ready.p2p[0] ?? ''],
      ...['--federation-key', `${this.#folder}/bootstrap/data/federation.key`],
    ]
    const rig = async (home: number, more: readonly string[]): Promise<Placed> => {
      const port = await sparePort()
      const placed = await this.#up(home, `rig${home}`, ['--http', `127.0.0.1:${port}`, ...joining, ...more])
      await this.#homes.bringOut(home, port)
      return placed
    }
    this.#rigs = await Promise.all([rig(1, []), rig(2, ['--engine', `ollama=${this.#engine.url}`])])
  }

  /** Ends the daemons first, as their owner would. The exit code and signal of each rig. */
  async stop(): Promise<readonly (number | string | null)[]> {
    const ended = await Promise.all(
      (this.#rigs ?? []).map(async ({ child }) => {
        const exit = once(child, 'exit')
        child.kill('SIGTERM')
        const [code, signal] = (await exit) as [number | null, string | null]
        return code ?? signal
      }),
    )
    await this.#homes.down()
    await this.#engine?.stop()
    rmSync(this.#folder, { recursive: true, force: true })
    return ended
  }

  /** The first rig asks; the second alone has the model. */
  async ask(): Promise<ChatResult> {
    this.#queries += 1
    return await streamChat(this.#first.http, { content: `question ${this.#queries}`, model: 'tiny' })
  }

  /** By which way the first rig reaches the second; undefined while it does not. */
  async path(): Promise<Path | undefined> {
    const response = await fetch(`${this.#first.http}/api/peers`)
    const { peers } = (await response.json()) as { peers: PeerStatus[] }
    return peers.find(({ id, connected }) => connected && this.#second.p2p[0]?.endsWith(id))?.path
  }

  /** Resolves with the first path that is of this kind. */
  async pathOf(kind: Path['kind']): Promise<Path> {
    return await eventually(`the other rig is reached: ${kind}`, async () => {
      const path = await this.path()
      return path?.kind === kind ? path : undefined
    })
  }

  /** The first answer of the other rig. */
  async firstAnswer(): Promise<ChatResult> {
    return await eventually('an answer comes from the other home', async () => {
      const result = await this.ask()
      return result.kind === 'done' ? result : undefined
    })
  }

  /** What a rig tells of direct ways. */
  async directWays(http: string): Promise<NodeStatus['reach']['direct']> {
    const status = (await (await fetch(`${http}/api/status`)).json()) as NodeStatus
    return status.reach.direct
  }

  /** Resolves when one of the two has given up on a direct way to the other: the one that dialled over the relay. */
  async hopeless(): Promise<void> {
    await eventually('one of them has given up', async () => {
      const ways = await Promise.all([this.#first, this.#second].map(({ http }) => this.directWays(http)))
      return ways.some(({ hopeless }) => hopeless > 0)
    })
  }

  get #first(): ReadyLine {
    return this.#rig(0)
  }

  get #second(): ReadyLine {
    return this.#rig(1)
  }

  #rig(index: 0 | 1): ReadyLine {
    const rig = this.#rigs?.[index]
    assert.ok(rig !== undefined)
    return rig.ready
  }

  async #up(place: Place, name: string, args: readonly string[]): Promise<Placed> {
    const listen = `/ip4/${this.#homes.address(place)}/tcp/4501`
    const flags = ['--home', `${this.#folder}/${name}`, '--listen', listen, '--no-detect', '--no-builtin', '--no-mdns']
    const child = this.#homes.spawn(place, [CLI, 'up', ...flags, '--json', ...args])
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    assert.ok(child.stdout !== null)
    const [line] = (await Promise.race([
      once(createInterface({ input: child.stdout }), 'line'),
      once(child, 'exit').then(() => assert.fail(`${name} ended: ${stderr}`)),
    ])) as [string]
    return { ready: JSON.parse(line) as ReadyLine, child }
  }
}
