/**
 * A dying rig does not cut an answer: serving daemons are killed, or stopped dead, at a random token, and the client's
 * stream must go on to the very bytes that an unbroken engine would have given.
 */
import assert from 'node:assert/strict'
import { eventually } from '../support/daemon.ts'
import { DaemonSwarm, type Rig, type RigPlan } from '../support/daemon-swarm.ts'
import type { StubKind } from '../support/engines/stub-kinds.ts'

const TOKENS = 40
/**
 * Every kind continues an answer in its own way. More rigs than one round needs: the dead are replaced while the next
 * round runs.
 */
const RIG_KINDS: readonly StubKind[] = ['ollama', 'llama-server', 'vllm', 'ollama', 'lm-studio']
/** So many must be known before a round: one to die, and two that may go on. */
const RIGS_PER_ROUND = 3

export type Blow = 'SIGKILL' | 'SIGSTOP'

export interface Strikes {
  readonly blow: Blow
  readonly rounds: number
  /** Where in the answer the blow falls, from 0 to 1. */
  readonly random: () => number
}

export class DyingRigs {
  readonly #swarm = new DaemonSwarm({ tokens: TOKENS })
  readonly #replacing = new Set<Promise<void>>()

  async start(): Promise<void> {
    await this.#swarm.start(RIG_KINDS.map((kind): RigPlan => ({ kind, knobs: { tokenMs: 25 } })))
    await this.#swarm.ask()
    await this.#swarm.noteBaseline()
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.#replacing)
    await this.#swarm.stop()
  }

  /**
   * Deals the blows and holds every answer against the unbroken one. Resolves with the longest silence of each, in
   * milliseconds.
   */
  async strike({ blow, rounds, random }: Strikes): Promise<readonly number[]> {
    const gaps: number[] = []
    const marks: string[] = []
    for (let round = 0; round < rounds; round += 1) {
      await this.#enoughKnown()
      const mark = this.#swarm.mark(blow)
      marks.push(mark)
      const at = Math.floor(random() * 0.8 * this.#swarm.expected(mark).length)
      gaps.push(await this.#askAndStrike(mark, at, blow))
    }
    await Promise.all(this.#replacing)
    await this.#swarm.allKnown()
    // Whole answers, each run at most once and accounted for, and nothing left at the asker.
    const { receipts } = await this.#swarm.check()
    for (const mark of marks) {
      const { continued, attempts } = receipts.get(mark) ?? assert.fail(`${mark} has a receipt`)
      assert.ok(continued, `${mark} went on`)
      assert.ok(new Set(attempts.map(({ node }) => node)).size > 1, 'the receipt names who went on')
    }
    return gaps
  }

  /** Waits until the asker knows enough living rigs for a round. */
  async #enoughKnown(): Promise<void> {
    await eventually(`${RIGS_PER_ROUND} rigs are known`, async () => {
      const known = (await this.#swarm.asker.peers()).filter((peer) => peer.connected && peer.models.includes('tiny'))
      const living = this.#swarm.rigs.filter(({ daemon }) => known.some(({ id }) => id === daemon.peerId))
      return living.length >= RIGS_PER_ROUND
    })
  }

  /**
   * A fresh node in front of the victim's engine, behind the rounds: under the old name it would be avoided, and
   * rightly so.
   */
  #replace(victim: Rig): void {
    const { kind, stub, daemon } = victim
    const replaced = (async () => {
      await daemon.stop('SIGKILL')
      victim.daemon = await this.#swarm.upRig(kind, stub)
    })()
    this.#replacing.add(replaced)
    void replaced.finally(() => this.#replacing.delete(replaced))
  }

  /** Before the blow no engine gives its last token, so that none can come too late. */
  #holdLastToken(held: boolean): void {
    for (const { stub } of this.#swarm.rigs) stub.knobs = { ...stub.knobs, pauseAfter: held ? TOKENS - 1 : -1 }
  }

  /**
   * Asks, and deals the blow to the node that serves when more than `at` characters have come. The longest silence
   * after it.
   */
  async #askAndStrike(content: string, at: number, blow: Blow): Promise<number> {
    let node: string | undefined
    let length = 0
    let victim: Rig | undefined
    let heardAt = 0
    let gapMs = 0
    this.#holdLastToken(true)
    const { kind, message } = await this.#swarm.ask({
      content,
      onHead: (head) => {
        node = head
      },
      onPiece: (piece) => {
        // Pieces that were already on their way when the node died are no continuation: the longest silence is the gap.
        if (victim !== undefined) gapMs = Math.max(gapMs, performance.now() - heardAt)
        heardAt = performance.now()
        length += piece.length
        if (victim !== undefined || length <= at) return
        victim = this.#swarm.rigs.find(({ daemon }) => daemon.peerId === node) ?? assert.fail('one of the rigs serves')
        victim.daemon.child.kill(blow)
        this.#holdLastToken(false)
      },
    })
    assert.equal(kind, 'done', message)
    assert.ok(victim !== undefined, 'no rig was struck')
    if (blow === 'SIGSTOP') victim.daemon.child.kill('SIGCONT')
    this.#replace(victim)
    return gapMs
  }
}
