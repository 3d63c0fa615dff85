/**
 * A link that swallows everything, both ways, and heals: answers go on on this side, what only the other side has ends
 * in a clear error, and after the healing all is as before. Needs root and `ip`.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { RouteReceipt } from '../../core/query/receipt.ts'
import type { PeerStatus } from '../../node/api/node-api.ts'
import { type ChatResult, streamChat } from '../support/chat-client.ts'
import { ClientJournal } from '../support/client-journal.ts'
import { CLI, eventually, type ReadyLine } from '../support/daemon.ts'
import { stubTokens } from '../support/engines/stub-answer.ts'
import { startStub } from '../support/engines/stub-kinds.ts'
import type { StubServer } from '../support/engines/stub-server.ts'
import { checkJournals } from '../support/journal-check.ts'
import { NamespacePair, type Side } from '../support/namespace-pair.ts'
import { sparePort } from '../support/spare-port.ts'

const TOKENS = 60
/** Answers that run when the link is cut. */
const RUNNING = 6
/** Pause between queries for which there is nobody, so that a long cut is no flood. */
const PAUSE_MS = 500

export interface PartitionFigures {
  /** How long each query took for which there was nobody. */
  readonly errorMs: readonly number[]
  /** From the healing until the other side gave a whole answer. */
  readonly backMs: number
}

export class Partition {
  readonly #folder = mkdtempSync(join(tmpdir(), 'realmesh-partition-'))
  readonly #clients = new ClientJournal()
  readonly #link = new NamespacePair()
  #near: StubServer | undefined
  #far: StubServer | undefined
  #gateway = ''
  #marks = 0

  /** The asker and a rig on one side, and on the other a rig that alone has the model `far`. */
  async start(): Promise<void> {
    this.#link.up()
    const near = await startStub('ollama', { models: ['tiny'], tokens: TOKENS, tokenMs: 40 }, await sparePort())
    const far = await startStub('ollama', { models: ['tiny', 'far'], tokens: TOKENS, tokenMs: 40 }, await sparePort())
    this.#near = near
    this.#far = far
    // Ports that are the same on both sides must be free on both.
    const asker = await this.#up('a', 'asker', ['--http', `127.0.0.1:${await sparePort()}`])
    this.#gateway = asker.http
    await this.#link.bringOut('a', Number(new URL(asker.http).port))
    const join = [
      ...['--bootstrap', asker.p2p[0] ?? ''],
      ...['--federation-key', `${this.#folder}/asker/data/federation.key`],
    ]
    await this.#link.takeIn('a', Number(new URL(near.url).port))
    await this.#link.takeIn('b', Number(new URL(far.url).port))
    await this.#up('a', 'near', ['--http', '127.0.0.1:0', ...join, '--engine', `ollama=${near.url}`])
    await this.#up('b', 'far', ['--http', '127.0.0.1:0', ...join, '--engine', `ollama=${far.url}`])
    await eventually('both rigs are known', async () => {
      const { peers } = (await (await fetch(`${asker.http}/api/peers`)).json()) as { peers: PeerStatus[] }
      return peers.filter((peer) => peer.connected && peer.slots > 0).length === 2
    })
  }

  async stop(): Promise<void> {
    await this.#link.down()
    await Promise.all([this.#near?.stop(), this.#far?.stop()])
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Cuts the link under running answers, keeps it cut for `cutMs` at least, and heals it. */
  async cutAndHeal(cutMs: number): Promise<PartitionFigures> {
    assert.equal((await this.#ask('far')).kind, 'done')
    const running = await this.#runningAnswers()
    this.#link.cut()
    const cutAt = performance.now()
    const errors: ChatResult[] = []
    do {
      errors.push(...(await Promise.all([this.#ask('far'), this.#ask('far')])))
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    } while (performance.now() - cutAt < cutMs)
    const survived = await Promise.all(running)
    assert.deepEqual(
      survived.map(({ kind }) => kind),
      survived.map(() => 'done'),
    )
    assert.ok(errors.every(({ kind }) => kind !== 'done'))
    this.#link.heal()
    const healedAt = performance.now()
    await eventually('the far side serves again', async () => (await this.#ask('far')).kind === 'done')
    const backMs = performance.now() - healedAt
    await checkJournals({
      clients: this.#clients,
      engines: [this.#near, this.#far].flatMap((stub) => stub?.journal ?? []),
      receipt: (id) => this.#receipt(id),
    })
    return { errorMs: errors.map(({ totalMs }) => totalMs), backMs }
  }

  /** Answers in the middle, on both sides. */
  async #runningAnswers(): Promise<readonly Promise<ChatResult>[]> {
    const begun = new Set<number>()
    const running = Array.from({ length: RUNNING }, (_, n) => this.#ask('tiny', () => begun.add(n)))
    await eventually('some answers have begun', () => begun.size >= 2)
    await eventually('the far engine works too', () => (this.#far?.running ?? 0) > 0)
    return running
  }

  async #up(side: Side, name: string, args: readonly string[]): Promise<ReadyLine> {
    const listen = `/ip4/${this.#link.address(side)}/tcp/0`
    const flags = ['--home', `${this.#folder}/${name}`, '--listen', listen, '--no-detect']
    const child = this.#link.spawn(side, [CLI, 'up', ...flags, '--no-mdns', '--no-builtin', '--json', ...args])
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    assert.ok(child.stdout !== null)
    const [line] = (await Promise.race([
      once(createInterface({ input: child.stdout }), 'line'),
      once(child, 'exit').then(() => assert.fail(`${name} ended: ${stderr}`)),
    ])) as [string]
    return JSON.parse(line) as ReadyLine
  }

  async #ask(model: string, onPiece?: () => void): Promise<ChatResult> {
    this.#marks += 1
    const content = `${model} ${this.#marks}`
    const messages = [{ role: 'user', text: content, images: 0 }]
    const entry = this.#clients.submitted(content, stubTokens({ model, messages, seed: 0 }, TOKENS).join(''))
    const result = await streamChat(this.#gateway, {
      content,
      model,
      id: content.replace(' ', '-'),
      ...(onPiece === undefined ? {} : { onPiece }),
    })
    entry.id = result.id
    entry.endings.push({ kind: result.kind, text: result.text })
    return result
  }

  async #receipt(id: string): Promise<RouteReceipt | undefined> {
    const response = await fetch(`${this.#gateway}/api/queries/${id}`)
    return response.ok ? ((await response.json()) as RouteReceipt) : undefined
  }
}
