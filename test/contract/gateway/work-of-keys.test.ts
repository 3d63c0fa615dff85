/** What becomes of the work of a key that reaches a limit, is taken back or expires while nobody waits for it. */
import assert from 'node:assert/strict'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { dayOf } from '../../../gateway/allowance/key-limits.ts'
import { hashKey, userOfHash } from '../../../gateway/door/credentials.ts'
import { aborted } from '../../support/aborted.ts'
import { answering, FAKE_START, FakeNode } from '../../support/fake-node.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { MemoryUsers } from '../../support/memory-records.ts'
import { HELLO, type StartedGateway, send, startGateway } from '../../support/started-gateway.ts'
import { turn, until } from '../../support/until.ts'

const KEY = 'sk-theirs'
const HASH = hashKey(KEY)
const USER = userOfHash(HASH)
const OTHER = { hash: hashKey('sk-other') }
const AUTHORIZATION = { authorization: `Bearer ${KEY}` }

describe('the work of a key', () => {
  const clock = new ManualClock()
  let started: StartedGateway
  let node: FakeNode
  beforeEach(async () => {
    node = new FakeNode()
    node.kept = new MemoryUsers(() => clock.wall())
    started = await startGateway({ apiKeys: [{ hash: HASH }, OTHER] }, { node, clock })
  })
  afterEach(() => started.gateway.stop())

  const ask = async (path: string, body?: object) => await send(started.port, { path, body, headers: AUTHORIZATION })
  const remove = (): void => started.gateway.takeKeys([OTHER])
  const run = { started: 0, ended: 0 }
  /** Answers that do not end by themselves. */
  const endless = (): void => {
    Object.assign(run, { started: 0, ended: 0 })
    node.script = async function* (_request, signal) {
      yield FAKE_START
      yield { kind: 'text', text: 'x' }
      run.started += 1
      await aborted(signal)
      run.ended += 1
      throw signal.reason
    }
  }
  const inBackground = async (): Promise<void> => {
    endless()
    const { status } = await ask('/v1/responses', { model: 'tiny', input: 'hi', background: true })
    assert.equal(status, 200)
    await until('it runs', () => run.started === 1)
  }
  const keptResponse = (): string => [...node.responses.rows.values()][0]?.text ?? ''
  const batchOf = async (lines: number): Promise<string> => {
    const text = Array.from({ length: lines }, (_, n) =>
      JSON.stringify({ custom_id: `${n}`, method: 'POST', url: '/v1/chat/completions', body: HELLO }),
    )
    const form = new FormData()
    form.set('purpose', 'batch')
    form.set('file', new File([text.join('\n')], 'in.jsonl'))
    const upload = await fetch(`${started.gateway.url}/v1/files`, {
      method: 'POST',
      body: form,
      headers: AUTHORIZATION,
    })
    const { id } = (await upload.json()) as { id: string }
    const made = { input_file_id: id, endpoint: '/v1/chat/completions', completion_window: '7d' }
    return (JSON.parse((await ask('/v1/batches', made)).text) as { id: string }).id
  }
  const batch = async (id: string) => await node.batches.take(USER, id)
  const ended = async (id: string, stepMs = 250): Promise<void> => {
    let over = false
    await until(
      'the batch has ended',
      () => over,
      () => {
        clock.advance(stepMs)
        void batch(id).then(({ status }) => {
          over = status === 'completed'
        })
      },
    )
  }
  const errors = async (id: string): Promise<readonly string[]> => {
    const { errorFile } = await batch(id)
    const pieces: Uint8Array[] = []
    for await (const piece of node.files.content(USER, errorFile)) pieces.push(piece)
    const lines = Buffer.concat(pieces).toString().trimEnd().split('\n')
    return lines.map(
      (line) => (JSON.parse(line) as { response: { body: { error: { code: string } } } }).response.body.error.code,
    )
  }

  it('that is taken back ends at once where it runs in the background, and says why', async () => {
    await inBackground()
    remove()
    await until('it is over', () => run.ended === 1)
    await until('that is kept', () => keptResponse().includes('"failure":{"code":"KEY_REMOVED"'))
  })

  it('that is taken back ends at once where its client waits, and says why', async () => {
    endless()
    const answer = ask('/v1/chat/completions', { ...HELLO, stream: true })
    await until('it runs', () => run.started === 1)
    remove()
    assert.match((await answer).text, /"code":"key_removed"/)
  })

  it('that is taken back ends in a batch, and its other lines fail with a code that says why', async () => {
    endless()
    const id = await batchOf(100)
    await until('some run', () => run.started > 0)
    remove()
    await ended(id)
    assert.equal(run.ended, run.started)
    assert.deepEqual(new Set(await errors(id)), new Set(['key_removed']))
    assert.equal((await batch(id)).failed, 100)
  })

  it('that is taken back while the node is down is not gone on with', async () => {
    await inBackground()
    const id = await batchOf(5)
    await until('all run', () => run.started === 6)
    await started.gateway.stop()
    const asked = node.asked.length
    started = await startGateway({ apiKeys: [OTHER] }, { node, clock })
    await started.gateway.takeUp()
    await until('that is kept', () => keptResponse().includes('"failure":{"code":"KEY_REMOVED"'))
    await ended(id)
    assert.deepEqual(new Set(await errors(id)), new Set(['key_removed']))
    assert.equal(node.asked.length, asked)
  })

  it('that expires goes on where it runs, and begins nothing more until it is renewed', async () => {
    const go = Promise.withResolvers<void>()
    node.script = async function* (request, signal) {
      if (request.priority === 'batch') throw new RealmeshError('REALM_OVERLOADED', 'all are busy')
      yield FAKE_START
      await Promise.race([go.promise, aborted(signal)])
      yield* answering('x')(request, signal)
    }
    assert.equal((await ask('/v1/responses', { model: 'tiny', input: 'hi', background: true })).status, 200)
    const id = await batchOf(2)
    await until('lines have asked', () => node.asked.length === 3)
    started.gateway.takeKeys([{ hash: HASH, expiresMs: clock.wall() + 1 }, OTHER])
    clock.advance(1)
    const asked = node.asked.length
    node.script = answering('y')
    for (let n = 0; n < 100; n += 1) {
      clock.advance(1_000)
      await turn()
    }
    assert.deepEqual([node.asked.length, (await batch(id)).status], [asked, 'in_progress'])
    go.resolve()
    await until('the response has ended well', () => keptResponse().includes('"finishReason":"stop"'))
    started.gateway.takeKeys([{ hash: HASH }, OTHER])
    await ended(id)
    assert.equal((await batch(id)).completed, 2)
  })

  it('that has reached a limit waits in a batch for a place, the next minute and the next day; no line fails', async () => {
    const limits = { concurrent: 1, tokensPerMinute: 7, tokensPerDay: 14 } // a line has 7
    started.gateway.takeKeys([{ hash: HASH, limits }, OTHER])
    const days: number[] = []
    node.script = (request, signal) => {
      days.push(dayOf(clock.wall()))
      return answering('Hello', ' world')(request, signal)
    }
    const id = await batchOf(5)
    await ended(id, 60_000)
    const { completed, failed } = await batch(id)
    assert.deepEqual([completed, failed], [5, 0])
    const [first = 0] = days
    assert.deepEqual(
      days.map((day) => day - first),
      [0, 0, 1, 1, 2],
    )
  })
})
