/**
 * A dying rig does not cut an answer: serving daemons are killed, or stopped dead, at a random token, and the client's stream must go
 * on to the very bytes that an unbroken engine would have given. `ROUNDS=200` runs as many rounds as the release asks for.
 */
import assert from 'node:assert/strict'
import OpenAI from 'openai'
import { type Daemon, DaemonHarness, eventually } from '../support/daemon.ts'
import { type StubKind, startStub } from '../support/engines/stub-kinds.ts'
import type { StubServer } from '../support/engines/stub-server.ts'
import { seededRandom } from '../support/seeded-random.ts'

const ROUNDS = Number(process.env['ROUNDS'] ?? 12)
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
const TOKENS = 40
/** Every kind continues an answer in its own way. More rigs than one round needs: the dead are replaced while the next round runs. */
const RIG_KINDS: readonly StubKind[] = ['ollama', 'llama-server', 'vllm', 'ollama', 'lm-studio']
/** So many must be known before a round: one to die, and two that may go on. */
const RIGS_PER_ROUND = 3

interface Rig {
  readonly kind: StubKind
  readonly stub: StubServer
  daemon: Daemon
}

interface Round {
  readonly text: string
  /** Milliseconds from the blow to the next piece of text. */
  readonly gapMs: number
  readonly receipt: { readonly continued: boolean; readonly attempts: readonly { node: string; outcome: string }[] }
}

describe('dying rigs', function () {
  this.timeout(60_000 + ROUNDS * 20_000)
  const harness = new DaemonHarness()
  const random = seededRandom(SEED)
  const rigs: Rig[] = []
  let reference: StubServer
  let asker: Daemon
  let join: string[]
  const replacing = new Set<Promise<void>>()

  before(async () => {
    reference = await startStub('ollama', { models: ['tiny'], tokens: TOKENS })
    asker = await harness.up(['--no-builtin'])
    join = [
      '--no-builtin',
      '--bootstrap',
      asker.addresses[0] ?? '',
      '--federation-key',
      `${asker.home}/data/federation.key`,
    ]
    for (const kind of RIG_KINDS) {
      const stub = await startStub(kind, { models: ['tiny'], tokens: TOKENS, tokenMs: 25 })
      rigs.push({ kind, stub, daemon: await harness.up([...join, '--engine', `${kind}=${stub.url}`]) })
    }
    await enoughKnown()
  })

  after(async () => {
    await Promise.allSettled(replacing)
    await harness.close()
    await Promise.all([reference, ...rigs.map(({ stub }) => stub)].map((stub) => stub?.stop()))
  })

  /** Waits until the asker knows enough living rigs for a round. */
  async function enoughKnown(): Promise<void> {
    await eventually(
      `${RIGS_PER_ROUND} rigs are known`,
      async () => {
        const peers = await asker.peers()
        const known = peers.filter((peer) => peer.connected && peer.models.includes('tiny'))
        return known.filter(({ id }) => rigs.some(({ daemon }) => daemon.peerId === id)).length >= RIGS_PER_ROUND
      },
      60_000,
    )
  }

  /** A fresh node in front of the victim's engine, behind the rounds: under the old name it would be avoided, and rightly so. */
  function replace(victim: Rig | undefined): void {
    assert.ok(victim !== undefined, 'somebody was struck')
    const { kind, stub, daemon } = victim
    const replaced = (async () => {
      await daemon.stop('SIGKILL')
      victim.daemon = await harness.up([...join, '--engine', `${kind}=${stub.url}`])
    })()
    replacing.add(replaced)
    void replaced.finally(() => replacing.delete(replaced))
  }

  /** What an unbroken engine answers. */
  async function expected(content: string): Promise<string> {
    const response = await fetch(`${reference.url}/api/chat`, {
      method: 'POST',
      body: JSON.stringify({ model: 'tiny', messages: [{ role: 'user', content }] }),
    })
    const lines = (await response.text()).trim().split('\n')
    return lines.map((line) => (JSON.parse(line) as { message: { content: string } }).message.content).join('')
  }

  /** Asks, and deals the blow to the node that serves when more than `at` characters have come. */
  async function ask(content: string, at: number, blow: (rig: Rig) => void): Promise<Round> {
    const openai = new OpenAI({ baseURL: `${asker.http}/v1`, apiKey: 'none', maxRetries: 0 })
    const { data, response } = await openai.chat.completions
      .create({ model: 'tiny', messages: [{ role: 'user', content }], stream: true })
      .withResponse()
    const rig = rigs.find(({ daemon }) => daemon.peerId === response.headers.get('x-realmesh-node'))
    assert.ok(rig !== undefined, 'one of the rigs serves')
    let text = ''
    let struckAt = 0
    let gapMs = -1
    for await (const chunk of data) {
      const piece = chunk.choices[0]?.delta.content ?? ''
      if (piece === '') continue
      // Pieces that were already on their way when the node died are no continuation: the longest silence is the gap.
      if (struckAt > 0) gapMs = Math.max(gapMs, performance.now() - struckAt)
      if (struckAt > 0) struckAt = performance.now()
      text += piece
      if (struckAt > 0 || text.length <= at) continue
      blow(rig)
      struckAt = performance.now()
    }
    const receipt = await fetch(`${asker.http}/api/queries/${response.headers.get('x-realmesh-query')}`)
    return { text, gapMs, receipt: (await receipt.json()) as Round['receipt'] }
  }

  function report(name: string, gaps: readonly number[]): void {
    assert.ok(gaps.length >= ROUNDS * 0.8, `only ${gaps.length} of ${ROUNDS} blows came before the last token`)
    const sorted = [...gaps].sort((a, b) => a - b)
    const at = (q: number): string =>
      (sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0).toFixed(0)
    console.log(
      `      ${name}: ${gaps.length} of ${ROUNDS} answers continued, all whole (SEED=${SEED}), gap p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${at(1)} ms`,
    )
  }

  /** Whether the blow came in time. It can come when the last token has left the rig: then nothing was to be continued. */
  function wasContinued({ receipt }: Round): boolean {
    const nodes = new Set(receipt.attempts.map(({ node }) => node)).size
    if (receipt.continued) assert.ok(nodes > 1, 'the receipt names who went on')
    return receipt.continued
  }

  it(`goes on byte for byte when the serving node is killed (${ROUNDS} rounds)`, async () => {
    const gaps: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      await enoughKnown()
      const content = `killed ${round}`
      const whole = await expected(content)
      let victim: Rig | undefined
      const result = await ask(content, Math.floor(random() * 0.8 * whole.length), (rig) => {
        victim = rig
        rig.daemon.child.kill('SIGKILL')
      })
      replace(victim)
      assert.equal(result.text, whole, `round ${round}, SEED=${SEED}`)
      if (!wasContinued(result)) continue
      gaps.push(result.gapMs)
    }
    report('kill -9', gaps)
  })

  it(`goes on byte for byte when the serving node is stopped dead (${ROUNDS} rounds)`, async () => {
    const gaps: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      await enoughKnown()
      const content = `stopped ${round}`
      const whole = await expected(content)
      let victim: Rig | undefined
      const result = await ask(content, Math.floor(random() * 0.8 * whole.length), (rig) => {
        victim = rig
        rig.daemon.child.kill('SIGSTOP')
      })
      victim?.daemon.child.kill('SIGCONT')
      replace(victim)
      assert.equal(result.text, whole, `round ${round}, SEED=${SEED}`)
      if (!wasContinued(result)) continue
      gaps.push(result.gapMs)
    }
    report('SIGSTOP', gaps)
  })
})
