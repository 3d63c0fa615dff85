/**
 * Two rigs, each behind a router that lets no UDP pass and draws another port for each connection, and two nodes of
 * other people that both can dial: an invitation is followed, answers come over the relays, and one of them dies in the
 * middle of one. Needs root, `ip` and `nft`.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { NodeStatus, PeerStatus } from '../../node/api/node-api.ts'
import { type ChatResult, streamChat } from '../support/chat-client.ts'
import { CLI, eventually, type ReadyLine } from '../support/daemon.ts'
import { stubTokens } from '../support/engines/stub-answer.ts'
import { startStub } from '../support/engines/stub-kinds.ts'
import type { StubServer } from '../support/engines/stub-server.ts'
import { Homes, type Place } from '../support/homes.ts'
import { sparePort } from '../support/spare-port.ts'

const TOKENS = 80
const TOKEN_MS = 30
/** Home of the node that asks, and of the rig. */
const [ASKER, RIG] = [1, 2]

interface Up extends ReadyLine {
  readonly child: ChildProcess
  readonly home: string
  /** As `performance.now` counts. */
  readonly readyAt: number
}

export interface JoinFigures {
  /** From the ready line of the rig until it has a seat at a relay. */
  readonly seatMs: number
  /** From the end of `realmesh join` until the asker knows the rig's load. */
  readonly loadMs: number
  /** From the call of `realmesh join` to the first whole answer. */
  readonly answerMs: number
}

export class RelayedHomes {
  readonly #folder = mkdtempSync(join(tmpdir(), 'realmesh-homes-'))
  readonly #homes = new Homes({ homes: 2, symmetric: [ASKER, RIG], noUdp: [ASKER, RIG] })
  readonly #relays: Up[] = []
  #chat: StubServer | undefined
  #hearing: StubServer | undefined
  #asker: Up | undefined
  #rig: Up | undefined
  #marks = 0

  /** Everything runs; the two do not know each other. */
  async start(): Promise<void> {
    this.#homes.up()
    const [engines] = await Promise.all([this.#startEngines(), this.#startRelays()])
    const doors = this.#relays.flatMap(({ p2p }) => ['--bootstrap', p2p[0] ?? ''])
    const served = engines.flatMap((engine) => ['--engine', engine])
    const both = [this.#up(ASKER, 'asker', doors), this.#up(RIG, 'rig', [...doors, ...served])]
    ;[this.#asker, this.#rig] = await Promise.all(both)
  }

  async stop(): Promise<void> {
    await this.#homes.down()
    await Promise.all([this.#chat?.stop(), this.#hearing?.stop()])
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** The rig is invited, joins, and answers, all over relays; `status` and `peers` say so. */
  async join(): Promise<JoinFigures> {
    await eventually('the rig has a seat', async () => (await this.#status(this.#rig)).reach.relays.length > 0)
    const seatMs = performance.now() - (this.#rig?.readyAt ?? 0)
    await eventually('the asker has a seat', async () => (await this.#status(this.#asker)).reach.relays.length > 0)
    const { text } = this.#command(ASKER, this.#asker, ['invite', 'home', '--json']) as { readonly text: string }
    const calledAt = performance.now()
    this.#command(RIG, this.#rig, ['join', text, '--json'])
    const joinedAt = performance.now()
    await eventually('the load of the rig is known', async () => ((await this.#peer())?.slots ?? 0) > 0)
    const loadMs = performance.now() - joinedAt
    await eventually('the first whole answer', async () => (await this.ask()).kind === 'done')
    const answerMs = performance.now() - calledAt
    assert.equal((await this.#peer())?.path?.kind, 'relayed')
    assert.equal((await this.#status(this.#rig)).reach.dialable, 'no')
    for (const { addresses } of [await this.#status(this.#rig)]) {
      assert.ok(addresses.some((address) => address.includes('/p2p-circuit')))
      assert.ok(addresses.every((address) => !address.includes('127.0.0.1')))
    }
    return { seatMs, loadMs, answerMs }
  }

  /** A recording of so many bytes goes to the rig; megabytes per second until it is written down. */
  async send(bytes: number): Promise<number> {
    const form = new FormData()
    form.set('file', new Blob([new Uint8Array(bytes).fill(7)]), 'talk.wav')
    form.set('model', 'whisper-1')
    const startedAt = performance.now()
    const response = await fetch(`${this.#asker?.http}/v1/audio/transcriptions`, { method: 'POST', body: form })
    assert.equal(response.status, 200, await response.text())
    return bytes / 1_000 / (performance.now() - startedAt)
  }

  /**
   * The relay that carries the two dies in the middle of an answer, which ends all the same, whole. Its longest silence,
   * milliseconds.
   */
  async killRelay(): Promise<number> {
    const path = (await this.#peer())?.path
    const relay = this.#relays.find(({ peerId }) => peerId === path?.relay)
    assert.ok(relay !== undefined, `no relay is ${JSON.stringify(path)}`)
    let last = performance.now()
    let silence = 0
    const answer = await this.ask((number) => {
      const now = performance.now()
      if (number > 1) silence = Math.max(silence, now - last)
      last = now
      if (number === TOKENS / 2) relay.child.kill('SIGKILL')
    })
    assert.equal(answer.kind, 'done', answer.message)
    this.#relays.splice(this.#relays.indexOf(relay), 1)
    return silence
  }

  /** A seat is held at a relay that lives, and none at one that is gone. */
  async seatsSettle(): Promise<void> {
    const alive = this.#relays.map(({ peerId }) => peerId)
    await eventually('seats are at relays that live', async () => {
      const { relays } = (await this.#status(this.#rig)).reach
      return relays.length > 0 && relays.every((relay) => alive.includes(relay))
    })
  }

  /** One answer, which is the right one where it is whole. */
  async ask(onPiece: (number: number) => void = () => {}): Promise<ChatResult> {
    this.#marks += 1
    const content = `tiny ${this.#marks}`
    const result = await streamChat(this.#asker?.http ?? '', {
      content,
      id: `q-${this.#marks}`,
      onPiece: (_piece, number) => onPiece(number),
    })
    if (result.kind !== 'done') return result
    const messages = [{ role: 'user', text: content, images: 0 }]
    assert.equal(result.text, stubTokens({ model: 'tiny', messages, seed: 0 }, TOKENS).join(''))
    return result
  }

  /** What the asker knows of the rig. */
  async #peer(): Promise<PeerStatus | undefined> {
    const { peers } = (await (await fetch(`${this.#asker?.http}/api/peers`)).json()) as { peers: PeerStatus[] }
    return peers.find(({ id }) => id === this.#rig?.peerId)
  }

  async #status(node: Up | undefined): Promise<NodeStatus> {
    return (await (await fetch(`${node?.http}/api/status`)).json()) as NodeStatus
  }

  /** Those of the rig, as its command line names them. */
  async #startEngines(): Promise<readonly string[]> {
    this.#chat = await startStub('ollama', { models: ['tiny'], tokens: TOKENS, tokenMs: TOKEN_MS }, await sparePort())
    this.#hearing = await startStub('whisper-cpp', {}, await sparePort())
    for (const stub of [this.#chat, this.#hearing]) await this.#homes.takeIn(RIG, Number(new URL(stub.url).port))
    return [`ollama=${this.#chat.url}`, `whisper-cpp=${this.#hearing.url}`]
  }

  async #startRelays(): Promise<void> {
    for (const port of [4501, 4502]) {
      const known = this.#relays.flatMap(({ p2p }) => ['--bootstrap', p2p[0] ?? ''])
      const listen = ['--listen', `/ip4/${this.#homes.address('net')}/tcp/${port}`]
      this.#relays.push(await this.#up('net', `relay-${port}`, [...listen, ...known]))
    }
  }

  async #up(place: Place, name: string, args: readonly string[]): Promise<Up> {
    const port = await sparePort()
    // The relays are asked nothing.
    if (place !== 'net') await this.#homes.bringOut(place, port)
    const home = `${this.#folder}/${name}`
    mkdirSync(home, { recursive: true, mode: 0o700 })
    // Ways through both routers are the matter of test/chaos/punching.test.ts.
    writeFileSync(join(home, 'realms.yml'), 'node:\n  webrtc:\n    enabled: false\n')
    const flags = ['--home', home, '--http', `127.0.0.1:${port}`, '--no-detect', '--no-builtin', '--no-mdns', '--json']
    const child = this.#homes.spawn(place, [CLI, 'up', ...flags, ...args])
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    assert.ok(child.stdout !== null)
    const [line] = (await Promise.race([
      once(createInterface({ input: child.stdout }), 'line'),
      once(child, 'exit').then(() => assert.fail(`${name} ended: ${stderr}`)),
    ])) as [string]
    return { ...(JSON.parse(line) as ReadyLine), child, home, readyAt: performance.now() }
  }

  /** What a command of realmesh prints, run where the node is. */
  #command(place: Place, node: Up | undefined, args: readonly string[]): unknown {
    const command = [
      'netns',
      'exec',
      this.#homes.name(place),
      process.execPath,
      CLI,
      ...args,
      '--home',
      node?.home ?? '',
    ]
    return JSON.parse(execFileSync('ip', command, { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } }))
  }
}
