import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { Allowance } from '../../../../gateway/allowance/allowance.ts'
import type { KeyLimits } from '../../../../gateway/allowance/key-limits.ts'
import { limitedNode } from '../../../../gateway/allowance/limited-node.ts'
import type { NodeApi, QueryRequest } from '../../../../node/api/node-api.ts'
import { FAKE_START, FakeNode, failing, scripted } from '../../../support/fake-node.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const ASK: QueryRequest = {
  type: 'chat',
  model: 'tiny',
  user: 'key-a',
  body: { messages: [{ role: 'user', content: 'x'.repeat(40) }] },
}
const BOUNDS = { permitted: { models: ['tiny'] }, scopeLimit: 'home' } as const
const LIFE = new AbortController().signal
const SIGNAL = { signal: new AbortController().signal }

describe('a node with the limits of a key around it', () => {
  let behind: FakeNode
  let allowance: Allowance
  function node(limits: KeyLimits): NodeApi {
    behind = new FakeNode()
    allowance = new Allowance({ clock: new ManualClock() }, limits)
    return limitedNode({ node: behind, allowanceOf: () => allowance, lifeOf: () => LIFE, boundsOf: () => BOUNDS })
  }

  async function read(limited: NodeApi, most = Number.POSITIVE_INFINITY): Promise<void> {
    let count = 0
    for await (const _ of limited.query(ASK, SIGNAL).events) if (++count >= most) return
  }

  it('counts what the engine counted, prompt and answer', async () => {
    const limited = node({ tokensPerDay: 1_000 })
    await read(limited)
    assert.deepEqual(allowance.usage, { running: 0, tokensToday: 7 })
  })

  it('counts what has come so far while an answer runs, and keeps that where the client leaves', async () => {
    const limited = node({ tokensPerDay: 1_000 })
    behind.script = scripted(FAKE_START, { kind: 'text', text: 'a', tokens: 3 }, { kind: 'reasoning', text: 'b' })
    await read(limited, 3)
    assert.deepEqual(allowance.usage, { running: 0, tokensToday: 10 + 3 + 1 })
  })

  it('counts what calls of tools say as they come, though no engine tells their tokens', async () => {
    const limited = node({ tokensPerDay: 1_000 })
    const call = { kind: 'toolCall', index: 0 } as const
    behind.script = scripted(
      FAKE_START,
      { ...call, name: 'write', arguments: '' },
      { ...call, arguments: 'x'.repeat(398) },
      { ...call, arguments: 'y' },
    )
    await read(limited)
    assert.deepEqual(allowance.usage, { running: 0, tokensToday: 10 + 1 + 100 + 1 })
  })

  it('reckons a prompt by its texts: a recording and a counting of tokens cost what the engine says', async () => {
    const limited = node({ tokensPerDay: 1_000 })
    behind.script = scripted(FAKE_START)
    const { user, model } = ASK
    const audio = new Uint8Array(1_000_000)
    const body = { audio, mediaType: 'audio/wav', task: 'transcribe' } as const
    const asked: readonly QueryRequest[] = [
      { user, model, type: 'transcribe', body },
      { user, model, type: 'tokens', body: { text: 'x'.repeat(100_000) } },
    ]
    for (const request of asked) for await (const _ of limited.query(request, SIGNAL).events);
    assert.equal(allowance.usage.tokensToday, 0)
  })

  it('listens to the client and to the key only while the answer is read', async () => {
    const limited = node({ tokensPerDay: 1_000 })
    const client = new AbortController().signal
    const listeners = () => [client, LIFE].map((signal) => getEventListeners(signal, 'abort').length)
    const { events } = limited.query(ASK, { signal: client })
    const counts = [listeners()]
    for await (const _ of events) if (counts.length === 1) counts.push(listeners())
    counts.push(listeners())
    assert.deepEqual(counts, [
      [0, 0],
      [1, 1],
      [0, 0],
    ])
  })

  it('refuses at once what is over the limit, and asks the node nothing', async () => {
    const limited = node({ tokensPerDay: 7 })
    await read(limited)
    assert.throws(() => limited.query(ASK, SIGNAL), { code: 'KEY_LIMIT' })
    assert.equal(behind.asked.length, 1)
  })

  it('holds a place for a query until it has ended, failed or was left, and not longer', async () => {
    const limited = node({ concurrent: 1 })
    const first = limited.query(ASK, SIGNAL).events[Symbol.asyncIterator]()
    await first.next()
    assert.throws(() => limited.query(ASK, SIGNAL), { code: 'KEY_LIMIT' })
    await first.return?.()
    behind.script = failing(new RealmeshError('NO_WORKER', 'none'))
    await assert.rejects(read(limited), { code: 'NO_WORKER' })
    behind.script = scripted(FAKE_START)
    await read(limited)
    assert.equal(allowance.usage.running, 0)
  })

  it('gives only so many places to queries that were let in together', async () => {
    const limited = node({ concurrent: 1 })
    const two = [limited.query(ASK, SIGNAL), limited.query(ASK, SIGNAL)]
    const [one, other] = two.map(({ events }) => events[Symbol.asyncIterator]())
    await one?.next()
    await assert.rejects(async () => await other?.next(), { code: 'KEY_LIMIT' })
  })

  it('tells the node what the key is for, and how far its queries may go', async () => {
    await read(node({ concurrent: 1 }))
    const { permitted, scopeLimit } = behind.asked[0] ?? {}
    assert.deepEqual({ permitted, scopeLimit }, BOUNDS)
  })
})
