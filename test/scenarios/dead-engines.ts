/** Engines die under rigs that live on: the rig says so, the swarm stops sending, and all comes back when they do. */
import assert from 'node:assert/strict'
import { eventually } from '../support/daemon.ts'
import { DaemonSwarm, type Rig } from '../support/daemon-swarm.ts'
import { sparePort } from '../support/spare-port.ts'

/** Queries after the asker knew, none of which may be tried at the dead engine's rig. */
const LATER = 40

/** Milliseconds, one of each per death. */
export interface DeathFigures {
  /** From the death of an engine at work until the asker knew. */
  readonly knownMs: readonly number[]
  /** From there until the last query was sent to its rig. */
  readonly lastSentMs: readonly number[]
  /** From its return until the asker knew. */
  readonly backMs: readonly number[]
}

export interface LastDeathFigures {
  /** From the death of all engines, which were idle, until the asker knew. */
  readonly idleKnownMs: number
  /** How long a query took that nobody could answer. */
  readonly errorMs: readonly number[]
}

export class DeadEngines {
  readonly #swarm = new DaemonSwarm()

  async start(): Promise<void> {
    await this.#swarm.start([
      { knobs: { tokenMs: 2 }, port: await sparePort() },
      { kind: 'vllm', knobs: { tokenMs: 2, slots: 2 }, port: await sparePort() },
    ])
  }

  async stop(): Promise<void> {
    await this.#swarm.stop()
  }

  /**
   * Engines at work die and return, `rounds` times, under clients that never pause; each of these gets its whole
   * answer.
   */
  async dieAndReturn(rounds: number): Promise<DeathFigures> {
    const figures = { knownMs: [] as number[], lastSentMs: [] as number[], backMs: [] as number[] }
    await this.#swarm.askDuring(2, async () => {
      for (let round = 0; round < rounds; round += 1) {
        const { knownMs, lastSentMs, backMs } = await this.#round()
        figures.knownMs.push(knownMs)
        figures.lastSentMs.push(lastSentMs)
        figures.backMs.push(backMs)
      }
    })
    const { endings } = await this.#swarm.check()
    assert.deepEqual(endings, { done: this.#swarm.clients.size })
    return figures
  }

  async #round(): Promise<{ readonly knownMs: number; readonly lastSentMs: number; readonly backMs: number }> {
    // Whichever works: the other may be the dearer one, and idle as long as nothing happens to this.
    const rig = await eventually('an engine is at work', () => this.#swarm.rigs.find(({ stub }) => stub.running > 0))
    const port = Number(new URL(rig.stub.url).port)
    await rig.stub.stop()
    const died = Date.now()
    await eventually('the asker knows', async () => (await this.#slotsOf(rig)) === 0)
    const knownMs = Date.now() - died
    const before = new Set(this.#swarm.clients.queries.keys())
    await eventually('life goes on', () => this.#swarm.clients.size > before.size + LATER)
    const lastSent = await this.#lastSentTo(rig.daemon.peerId, before)
    await rig.stub.start(port)
    const started = Date.now()
    await eventually('the asker knows of its return', async () => (await this.#slotsOf(rig)) > 0)
    return { knownMs, lastSentMs: Math.max(0, lastSent - died), backMs: Date.now() - started }
  }

  async #slotsOf({ daemon }: Rig): Promise<number> {
    return (await this.#swarm.asker.peers()).find((peer) => peer.id === daemon.peerId)?.slots ?? 0
  }

  /**
   * Wall clock of the last try at the node, by the receipts; 0 without one. No query but those of `before` was tried
   * there.
   */
  async #lastSentTo(node: string, before: ReadonlySet<string>): Promise<number> {
    let last = 0
    for (const { id, mark } of [...this.#swarm.clients.queries.values()].slice(-200)) {
      const receipt = id === undefined ? undefined : await this.#swarm.receipt(id)
      for (const attempt of receipt?.attempts ?? []) {
        if (attempt.node !== node) continue
        assert.ok(before.has(mark), `${mark} was sent to a rig that was known to have no engine`)
        last = Math.max(last, (receipt?.at ?? 0) + attempt.startedMs)
      }
    }
    return last
  }

  /**
   * All engines die, then all rigs: a query ends in one clear error both times. Nothing can be asked of this swarm
   * afterwards.
   */
  async dieForGood(): Promise<LastDeathFigures> {
    const { asker, rigs } = this.#swarm
    // Nobody asks now, so it is the rigs' own watch that finds out.
    await Promise.all(rigs.map(({ stub }) => stub.stop()))
    const died = performance.now()
    await eventually('the asker knows', async () => (await asker.peers()).every(({ slots }) => slots === 0))
    const idleKnownMs = performance.now() - died
    const dead = await this.#swarm.ask({ id: 'all-dead' })
    await Promise.all(rigs.map(({ daemon }) => daemon.stop('SIGKILL')))
    await eventually('they are gone', async () => (await asker.peers()).every(({ connected }) => !connected))
    const gone = await this.#swarm.ask({ id: 'all-gone' })
    for (const { kind } of [dead, gone]) assert.match(kind, /^(no_worker|model_not_found)$/)
    await this.#swarm.check()
    return { idleKnownMs, errorMs: [dead.totalMs, gone.totalMs] }
  }
}
