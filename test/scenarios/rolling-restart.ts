/** A rolling restart under load: each rig in turn drains on SIGTERM, ends, and comes back as itself. */
import assert from 'node:assert/strict'
import { eventually } from '../support/daemon.ts'
import { DaemonSwarm, type Rig } from '../support/daemon-swarm.ts'

const CLIENTS = 4

/** Milliseconds, one of each per restart. */
export interface RestartFigures {
  /** From SIGTERM to the end. */
  readonly drainMs: readonly number[]
  /** From ready until the asker knows of it. */
  readonly knownMs: readonly number[]
}

export class RollingRestart {
  readonly #swarm = new DaemonSwarm({ tokens: 40 })

  async start(rigs: number): Promise<void> {
    await this.#swarm.start(Array.from({ length: rigs }, () => ({ knobs: { ttftMs: 20, tokenMs: 10 } })))
  }

  async stop(): Promise<void> {
    await this.#swarm.stop()
  }

  /** Restarts all rigs in turn, `rounds` times; each query of the clients gets its whole answer. */
  async go(rounds: number): Promise<RestartFigures> {
    const figures = { drainMs: [] as number[], knownMs: [] as number[] }
    await this.#swarm.askDuring(CLIENTS, async () => {
      for (const rig of Array.from({ length: rounds }, () => this.#swarm.rigs).flat()) {
        const { drainMs, knownMs } = await this.#restart(rig)
        figures.drainMs.push(drainMs)
        figures.knownMs.push(knownMs)
      }
    })
    const { endings } = await this.#swarm.check()
    assert.deepEqual(endings, { done: this.#swarm.clients.size })
    return figures
  }

  async #restart(rig: Rig): Promise<{ readonly drainMs: number; readonly knownMs: number }> {
    const { peerId, home } = rig.daemon
    await eventually('it is busy', () => rig.stub.running > 0)
    const told = performance.now()
    assert.deepEqual(await rig.daemon.stop('SIGTERM'), { code: 0, signal: null })
    const drainMs = performance.now() - told
    rig.daemon = await this.#swarm.upRig(rig.kind, rig.stub, home)
    assert.equal(rig.daemon.peerId, peerId)
    const up = performance.now()
    await this.#swarm.allKnown()
    return { drainMs, knownMs: performance.now() - up }
  }
}
