/** The node as people run it in front of real llama-servers that die, come back, change and load. */
import assert from 'node:assert/strict'
import { type Daemon, DaemonHarness, eventually } from '../support/daemon.ts'
import { LlamaServer, llamaServerMissing } from '../support/real/llama-server.ts'
import { skip } from '../support/skip.ts'
import { sparePort } from '../support/spare-port.ts'

interface Answer {
  readonly text: string
  readonly finish: string | undefined
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number } | undefined
  readonly error: string | undefined
}

/** Characters that twenty pieces of the story have at the least. */
const SEEN_BEFORE = 60
const STORY = 'Write a short story about a dragon in three paragraphs.'

describe('a node in front of real engines', () => {
  const harness = new DaemonHarness()
  const engines: LlamaServer[] = []

  before(function () {
    const missing = llamaServerMissing()
    if (missing !== undefined) skip(this, missing)
  })

  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.stop()))
  })

  after(() => harness.close())

  async function engine(init: Parameters<typeof LlamaServer.start>[0] = {}, wait = true): Promise<LlamaServer> {
    const started = await (wait ? LlamaServer.start(init) : LlamaServer.launch(init))
    engines.push(started)
    return started
  }

  const up = (...args: readonly string[]): Promise<Daemon> => harness.up(['--no-builtin', ...args])

  const ask = (node: Daemon, body: object): Promise<Response> =>
    fetch(`${node.http}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'smol', temperature: 0, messages: [{ role: 'user', content: STORY }], ...body }),
    })

  /** The streamed answer; `onPiece` hears how many pieces have come. */
  async function streamed(node: Daemon, onPiece: (count: number) => void = () => {}): Promise<Answer> {
    const response = await ask(node, { max_tokens: 100, stream: true, stream_options: { include_usage: true } })
    const answer = { text: '', finish: undefined as string | undefined, usage: undefined as Answer['usage'], error: '' }
    let pieces = 0
    let rest = ''
    for await (const bytes of response.body ?? []) {
      rest += Buffer.from(bytes).toString('utf8')
      const events = rest.split('\n\n')
      rest = events.pop() ?? ''
      for (const data of events.map((event) => event.replace(/^data: /, ''))) {
        if (!data.startsWith('{')) continue
        const chunk = JSON.parse(data) as {
          choices?: { delta: { content?: string }; finish_reason: string | null }[]
          usage?: Answer['usage']
          error?: { message: string }
        }
        answer.error += chunk.error?.message ?? ''
        answer.usage = chunk.usage ?? answer.usage
        const [choice] = chunk.choices ?? []
        answer.finish = choice?.finish_reason ?? answer.finish
        if ((choice?.delta.content ?? '') === '') continue
        answer.text += choice?.delta.content ?? ''
        pieces += 1
        onPiece(pieces)
      }
    }
    return { ...answer, error: answer.error === '' ? undefined : answer.error }
  }

  const hasModel = (node: Daemon, model: string): Promise<true> =>
    eventually(`${model} is offered`, async () => {
      const reply = (await (await fetch(`${node.http}/v1/models`)).json()) as { data: { id: string }[] }
      return reply.data.some(({ id }) => id === model)
    })

  it('goes on with an answer at the same engine, which was killed in the middle and started anew', async () => {
    const first = await engine()
    const node = await up('--engine', `llama-server=${first.url}`)
    await hasModel(node, 'smol')
    const whole = await streamed(node)
    const joined = await streamed(node, (count) => {
      if (count === 20) void first.stop().then(() => engine({ port: first.port }))
    })
    assertJoined(joined, whole)
    await node.stop()
  })

  it('goes on with an answer at another engine of the node, with the length and the usage of an uncut one', async () => {
    const [dies, lives] = [await engine(), await engine()]
    const node = await up('--engine', `llama-server=${dies.url}`, '--engine', `llama-server=${lives.url}`)
    await hasModel(node, 'smol')
    const whole = await streamed(node)
    const joined = await streamed(node, (count) => {
      if (count === 30) void busy(dies).then((works) => (works ? dies : lives).stop())
    })
    assertJoined(joined, whole)
    await node.stop()
  })

  it('offers within seconds what an engine that was started anew has, and no more what it had', async () => {
    const first = await engine()
    const node = await up('--engine', `llama-server=${first.url}`)
    await hasModel(node, 'smol')
    await first.stop()
    await engine({ port: first.port, set: { model_alias: ['other'] } })
    await hasModel(node, 'other')
    const refused = await ask(node, { max_tokens: 2 })
    assert.equal(refused.status, 404)
    assert.match(((await refused.json()) as { error: { code: string } }).error.code, /model_not_found/)
    assert.equal((await ask(node, { model: 'other', max_tokens: 2 })).status, 200)
    await node.stop()
  })

  it('keeps a query until the engine that it began with has loaded', async () => {
    const young = await engine({ port: await sparePort() }, false)
    await eventually('it loads', () =>
      fetch(`${young.url}/health`).then(
        ({ status }) => status === 503,
        () => false,
      ),
    )
    const node = await up('--engine', `llama-server=${young.url}`)
    assert.equal((await ask(node, { max_tokens: 2 })).status, 200)
    await node.stop()
  })

  it('tells a request that the engine refuses what is wrong, and serves the next', async () => {
    const strict = await engine()
    const node = await up('--engine', `llama-server=${strict.url}`)
    await hasModel(node, 'smol')
    const schema = { type: 'object', properties: { a: { $ref: '#/nope/x' } } }
    for (let i = 0; i < 4; i += 1) {
      const refused = await ask(node, {
        max_tokens: 5,
        response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
      })
      assert.equal(refused.status, 400, await refused.clone().text())
      assert.match(await refused.text(), /invalid_request_error/)
    }
    const long = await ask(node, { messages: [{ role: 'user', content: 'the quick brown fox '.repeat(2_000) }] })
    assert.match(await long.text(), /context_length_exceeded/)
    assert.equal((await ask(node, { max_tokens: 2 })).status, 200)
    await node.stop()
  })
})

/**
 * A joined answer has the length, the end and the usage of an uncut one, and begins like it. Behind the seam another
 * word may win, as the rest is computed in another batch; the seam itself shows as a doubled blank or line feed.
 */
function assertJoined(joined: Answer, whole: Answer): void {
  assert.deepEqual({ ...joined, text: '' }, { ...whole, text: '' })
  assert.equal(joined.text.slice(0, SEEN_BEFORE), whole.text.slice(0, SEEN_BEFORE))
  assert.doesNotMatch(joined.text, / {2}|\n{3}/)
}

/** Whether the server computes something now. */
async function busy({ url }: LlamaServer): Promise<boolean> {
  const slots = (await (await fetch(`${url}/slots`)).json()) as { is_processing: boolean }[]
  return slots.some((slot) => slot.is_processing)
}
