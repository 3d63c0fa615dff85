/**
 * Fields of requests that change what a real llama-server computes, asked at a node without an engine: they travel to
 * the rig, and what they bring travels back. Each answer is held against the engine's own.
 */
import assert from 'node:assert/strict'
import { type Daemon, DaemonHarness, eventually } from '../support/daemon.ts'
import { LlamaServer, llamaServerMissing } from '../support/real/llama-server.ts'
import { postJson } from '../support/real/real-engine.ts'
import { skip } from '../support/skip.ts'

interface Completion {
  readonly text: string
  readonly index: number
  readonly logprobs: { readonly tokens: readonly string[]; readonly token_logprobs: readonly number[] } | null
}

interface Chat {
  readonly index: number
  readonly message: { readonly content: string }
  readonly logprobs: { readonly content: readonly { readonly token: string; readonly logprob: number }[] } | null
}

interface Body<T> {
  readonly choices: readonly T[]
  readonly error?: { readonly code: string; readonly message: string }
}

const FRANCE = 'The capital of France is'
const GREEDY = { model: 'smol', temperature: 0 } as const
const ASKS = { ...GREEDY, messages: [{ role: 'user', content: 'Say hello.' }] }

describe('the fields of a request at a real llama-server of another node', () => {
  const harness = new DaemonHarness()
  const engines: LlamaServer[] = []
  let asker: Daemon
  let join: readonly string[]

  before(async function () {
    const missing = llamaServerMissing()
    if (missing !== undefined) skip(this, missing)
    asker = await harness.up(['--no-builtin'])
    const key = `${asker.home}/data/federation.key`
    join = ['--no-builtin', '--bootstrap', asker.addresses[0] ?? '', '--federation-key', key]
    await rig()
    await eventually('the model is offered', async () => {
      const reply = (await (await fetch(`${asker.http}/v1/models`)).json()) as { data: { id: string }[] }
      return reply.data.some(({ id }) => id === 'smol')
    })
  })

  after(async () => {
    await harness.close()
    await Promise.all(engines.map((engine) => engine.stop()))
  })

  async function rig(): Promise<void> {
    const engine = await LlamaServer.start()
    engines.push(engine)
    await harness.up([...join, '--engine', `llama-server=${engine.url}`])
  }

  const ask = (path: string, body: object): Promise<Response> =>
    fetch(`${asker.http}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const answer = async <T>(path: string, body: object): Promise<Body<T>> =>
    (await (await ask(path, body)).json()) as Body<T>
  const direct = async <T>(path: string, body: object): Promise<Body<T>> =>
    (await postJson(`${engines[0]?.url}${path}`, body)) as Body<T>

  it('goes on with a text as it is', async () => {
    const body = { ...GREEDY, prompt: FRANCE, max_tokens: 10 }
    const { choices } = await answer<Completion>('/v1/completions', body)
    assert.match(choices[0]?.text ?? '', /^ Paris/)
    assert.equal(choices[0]?.text, (await direct<Completion>('/v1/completions', body)).choices[0]?.text)
  })

  it('goes on with several texts', async () => {
    const prompts = [FRANCE, 'One, two, three,']
    const { choices } = await answer<Completion>('/v1/completions', {
      ...GREEDY,
      prompt: prompts,
      max_tokens: 4,
      echo: true,
    })
    assert.deepEqual(
      choices.map(({ index, text }) => [index, text.startsWith(prompts[index] ?? '?')]),
      [
        [0, true],
        [1, true],
      ],
    )
  })

  it('says that a model has no place for a text behind the gap', async () => {
    const { error } = await answer<Completion>('/v1/completions', { ...GREEDY, prompt: 'def f(', suffix: 'return' })
    assert.equal(error?.code, 'capability_missing')
  })

  it('tells how probable the tokens were', async () => {
    const body = { ...ASKS, max_tokens: 3, logprobs: true, top_logprobs: 2 }
    const tokens = ({ choices }: Body<Chat>) =>
      choices[0]?.logprobs?.content.map(({ token, logprob }) => [token, logprob.toFixed(3)])
    const told = await answer<Chat>('/v1/chat/completions', body)
    assert.equal(told.choices[0]?.logprobs?.content.length, 3)
    assert.deepEqual(tokens(told), tokens(await direct('/v1/chat/completions', body)))
    const older = await answer<Completion>('/v1/completions', { ...GREEDY, prompt: FRANCE, max_tokens: 2, logprobs: 1 })
    assert.deepEqual(older.choices[0]?.logprobs?.tokens.join(''), older.choices[0]?.text)
  })

  it('gives several answers, each by another seed', async () => {
    const body = { ...ASKS, temperature: 1, seed: 5, n: 3, max_tokens: 8 }
    const { choices } = await answer<Chat>('/v1/chat/completions', body)
    const texts = choices.map(({ message }) => message.content)
    assert.equal(texts.length, 3)
    assert.ok(new Set(texts).size > 1, texts.join('|'))
  })

  it('keeps to a grammar', async () => {
    const grammar = 'root ::= "maybe" | "perhaps"'
    const { choices } = await answer<Chat>('/v1/chat/completions', { ...ASKS, grammar })
    assert.match(choices[0]?.message.content ?? '', /^(maybe|perhaps)$/)
  })

  it('leaves out a token that is forbidden', async () => {
    const body = { ...ASKS, max_tokens: 1 }
    const said = (await answer<Chat>('/v1/chat/completions', body)).choices[0]?.message.content ?? ''
    const { tokens } = (await postJson(`${engines[0]?.url}/tokenize`, { content: said })) as { tokens: number[] }
    const biased = { ...body, logit_bias: { [String(tokens[0])]: -100 } }
    assert.notEqual((await answer<Chat>('/v1/chat/completions', biased)).choices[0]?.message.content, said)
  })

  it('names what it leaves out', async () => {
    const response = await ask('/v1/chat/completions', { ...ASKS, max_tokens: 1, keep_alive: '5m', user: 'bob' })
    assert.equal(response.headers.get('x-realmesh-ignored'), 'keep_alive, user')
    await response.text()
  })

  it('goes on with a text at another rig when the one that wrote it dies', async () => {
    await rig()
    const body = { ...GREEDY, prompt: 'Once upon a time there was a dragon', max_tokens: 30 }
    const whole = (await answer<Completion>('/v1/completions', body)).choices[0]?.text ?? ''
    const response = await ask('/v1/completions', { ...body, stream: true })
    let streamed = ''
    let killed = false
    let rest = ''
    for await (const bytes of response.body ?? []) {
      rest += Buffer.from(bytes).toString('utf8')
      const events = rest.split('\n\n')
      rest = events.pop() ?? ''
      for (const event of events.filter((each) => each.startsWith('data: {'))) {
        const piece = JSON.parse(event.slice('data: '.length)) as Body<Completion>
        assert.equal(piece.error, undefined)
        streamed += piece.choices[0]?.text ?? ''
      }
      if (!killed && streamed.length > 40) {
        killed = true
        for (const engine of engines) if (await isBusy(engine)) await engine.stop()
      }
    }
    assert.ok(killed)
    // Another batch may lead to another word; up to there the two are one.
    assert.equal(streamed.slice(0, 40), whole.slice(0, 40))
    assert.ok(streamed.length > whole.length / 2, streamed)
  })

  async function isBusy({ url }: LlamaServer): Promise<boolean> {
    const slots = (await (await fetch(`${url}/slots`)).json()) as { is_processing: boolean }[]
    return slots.some((slot) => slot.is_processing)
  }
})
