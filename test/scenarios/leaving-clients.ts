/** Clients leave in the middle of their answers: every engine stops, and the nodes keep nothing. */
import assert from 'node:assert/strict'
import { DaemonSwarm, type RigPlan } from '../support/daemon-swarm.ts'
import { markOf } from '../support/journal-check.ts'

/** Clients at once. */
const CLIENTS = 8
/** They leave within so many tokens, ... */
const LEAVE_WITHIN = 5
/** ...and no answer goes on behind these, so that an engine can only be stopped and never end. */
const KNOBS = { tokenMs: 20, slots: CLIENTS, pauseAfter: 2 * LEAVE_WITHIN } as const
const PLANS: readonly RigPlan[] = [
  { knobs: KNOBS },
  { kind: 'llama-server', knobs: KNOBS },
  { kind: 'vllm', knobs: KNOBS },
]

export class LeavingClients {
  readonly #swarm = new DaemonSwarm({ tokens: 100 })

  async start(): Promise<void> {
    await this.#swarm.start(PLANS)
  }

  async stop(): Promise<void> {
    await this.#swarm.stop()
  }

  /**
   * `rounds` clients leave, by `random` after some tokens. Milliseconds from each one's leaving until its engine was
   * told to stop.
   */
  async leave(rounds: number, random: () => number): Promise<readonly number[]> {
    const leftAt = new Map<string, number>()
    const leaveOnce = async (): Promise<void> => {
      const content = this.#swarm.mark('left')
      const { kind, message } = await this.#swarm.ask({
        content,
        leaveAfter: 1 + Math.floor(random() * LEAVE_WITHIN),
      })
      leftAt.set(content, Date.now())
      assert.equal(kind, 'left', message)
    }
    await leaveOnce()
    await this.#swarm.noteBaseline()
    let left = rounds - 1
    const client = async (): Promise<void> => {
      for (; left > 0; ) {
        left -= 1
        await leaveOnce()
      }
    }
    await Promise.all(Array.from({ length: CLIENTS }, client))
    const { endings } = await this.#swarm.check()
    assert.deepEqual(endings, { left: rounds })
    return this.#delays(leftAt)
  }

  #delays(leftAt: ReadonlyMap<string, number>): readonly number[] {
    const delays: number[] = []
    const seen = new Set<string>()
    for (const { stub } of this.#swarm.rigs) {
      for (const start of stub.journal.entries.filter(({ event }) => event === 'start')) {
        const cancel = stub.journal.entries.find(({ event, query }) => event === 'cancel' && query === start.query)
        assert.ok(cancel !== undefined, `query ${start.query} was cancelled`)
        const mark = markOf(start)
        seen.add(mark)
        delays.push(Math.max(0, cancel.at - (leftAt.get(mark) ?? assert.fail('it was ours'))))
      }
    }
    // A query whose engine was slow to begin may have run at two.
    assert.equal(seen.size, leftAt.size)
    return delays
  }
}
