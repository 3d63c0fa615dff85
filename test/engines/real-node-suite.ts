/** What a program sees of a real engine through a node: the same answers, and refusals that say what is wrong. */
import assert from 'node:assert/strict'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Daemon, DaemonHarness, eventually } from '../support/daemon.ts'
import { noteEach } from '../support/real/engine-table.ts'
import type { RealEngine, RealServer } from '../support/real/real-engine.ts'
import { skip } from '../support/skip.ts'

const PROMPT = 'Write two short sentences about the sea.'
const FOX = 'the quick brown fox '

interface Listed {
  readonly id: string
  readonly realmesh: {
    readonly types: readonly string[]
    readonly context_length?: number
    readonly not_known?: readonly string[]
  }
}

interface Told {
  readonly text: string
  readonly finish: string | undefined
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number } | undefined
}

export function realNodeSuite(name: string, real: RealEngine): void {
  if (real.missing !== undefined && !real.inGate) return
  describe(`a node in front of the real ${name}`, () => {
    noteEach(name)
    const harness = new DaemonHarness()
    let server: RealServer
    let node: Daemon

    before(async function () {
      if (real.missing !== undefined) skip(this, real.missing)
      server = await real.start()
      const home = harness.home()
      const key = real.apiKey === undefined ? '' : '\n    key_env: REAL_KEY'
      const worker = `  - name: real\n    engine: ${real.kind}\n    url: ${server.url}${key}\n`
      appendFileSync(join(home, 'realms.yml'), `workers:\n${worker}`)
      node = await harness.up(['--no-builtin'], { home, env: { REAL_KEY: real.apiKey } })
      await eventually('its model is offered', listed)
    })

    after(async () => {
      await harness.close()
      await server?.stop()
    })

    async function listed(): Promise<Listed | undefined> {
      const reply = (await (await fetch(`${node.http}/v1/models`)).json()) as { data: Listed[] }
      return reply.data.find(({ id }) => id === real.model)
    }

    const post = (path: string, body: object): Promise<Response> =>
      fetch(`${node.http}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: real.model, ...body }),
      })

    const ask = (body: object): Promise<Response> =>
      post('/v1/chat/completions', { temperature: 0, messages: [{ role: 'user', content: PROMPT }], ...body })

    /** Status and code of a refusal, of which the message is a sentence. */
    async function refusal(reply: Response): Promise<string> {
      const { error } = (await reply.json()) as { error: { code: string | null; message: string } }
      assert.ok(error.message.length > 10)
      return `${reply.status} ${error.code}`
    }

    async function serves(): Promise<void> {
      const reply = await ask({ max_tokens: 2 })
      assert.equal(reply.status, 200, await reply.text())
    }

    it('lists the model through a node, and what is not known of it', async () => {
      const model = await listed()
      assert.equal(model?.realmesh.context_length, real.context)
      assert.equal(model?.realmesh.not_known?.includes('tools') ?? false, real.can.tools === 'unsure')
      assert.ok(model?.realmesh.types.includes('chat'))
    })

    it('gives a program the engine\u2019s own answer, streamed and whole, with its usage', async () => {
      const own = await real.direct(server, { prompt: PROMPT, maxTokens: 40 })
      const expected: Told = {
        text: own.text,
        finish: own.finishReason,
        usage: { prompt_tokens: own.promptTokens, completion_tokens: own.completionTokens },
      }
      assert.deepEqual(await whole(await ask({ max_tokens: 40 })), expected)
      const streamed = await ask({ max_tokens: 40, stream: true, stream_options: { include_usage: true } })
      assert.deepEqual(await pieces(streamed), expected)
    })

    it('says 404 to a program that names another model', async () => {
      assert.equal(await refusal(await ask({ model: 'no-such-model' })), '404 model_not_found')
    })

    it('takes reasoning_effort for a wish', async () => {
      const reply = await ask({ reasoning_effort: 'low', max_tokens: 2 })
      assert.equal(reply.status, 200, await reply.text())
    })

    it('says 400 to embeddings of a model that chats only, and serves the next', async () => {
      assert.equal(await refusal(await post('/v1/embeddings', { input: 'sea' })), '400 capability_missing')
      await serves()
    })

    it('says 400 to a picture that the model cannot see, and serves the next', async () => {
      const url =
        'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGP4z8CAFWEXHbQSACj/P8Fu7N9hAAAAAElFTkSuQmCC'
      const content = [
        { type: 'text', text: 'What is this?' },
        { type: 'image_url', image_url: { url } },
      ]
      assert.equal(await refusal(await ask({ messages: [{ role: 'user', content }] })), '400 capability_missing')
      await serves()
    })

    if (real.can.refusesLong) {
      it('says 400 to a prompt that is too long, by a little and by a lot, and serves the next', async () => {
        const context = real.context ?? 2_048
        for (const tokens of [context * 1.2, context * 4]) {
          const content = FOX.repeat(Math.ceil(tokens / 4))
          assert.equal(
            await refusal(await ask({ messages: [{ role: 'user', content }], max_tokens: 5 })),
            '400 context_length_exceeded',
          )
        }
        await serves()
      })
    }

    it('answers, whatever limit above the context a program has', async () => {
      const reply = await ask({ max_tokens: 3 * (real.context ?? 4_096), stop: ['.'] })
      assert.equal(reply.status, 200, await reply.text())
    })

    const tools = [
      {
        type: 'function',
        function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
      },
    ]
    if (real.can.tools !== true) {
      it('says 400 to tools that the engine refuses, and serves the next', async () => {
        const reply = await ask({ tools, max_tokens: 5 })
        if (reply.status === 200) assert.equal(real.can.tools, 'unsure')
        else assert.equal(await refusal(reply), '400 capability_missing')
        await serves()
      })
    }

    it('says 400 to a schema that cannot be resolved, or answers, and serves the next', async () => {
      const schema = { type: 'object', properties: { a: { $ref: '#/nope/x' } } }
      const reply = await ask({
        max_tokens: 5,
        response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
      })
      assert.ok(reply.status === 200 || reply.status === 400, `${reply.status}: ${await reply.text()}`)
      await serves()
    })

    it('leaves the engine idle when a program has gone', async () => {
      const gone = new AbortController()
      const reply = await fetch(`${node.http}/v1/chat/completions`, {
        method: 'POST',
        signal: gone.signal,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model: real.model,
          stream: true,
          max_tokens: 1_000,
          messages: [{ role: 'user', content: 'Tell me a long story about a dragon and a sailor.' }],
        }),
      })
      await reply.body?.getReader().read()
      gone.abort()
      await eventually('nothing runs', async () => {
        const { workers } = await node.status()
        return workers.every(({ running }) => running === 0)
      })
      await serves()
    })

    it('is down with its cause while the engine is away, and there again', async () => {
      const port = Number(new URL(server.url).port)
      await server.stop()
      await eventually('it is refused', async () => (await ask({ max_tokens: 2 })).status === 503)
      server = await real.start({ port })
      await eventually('it is served', async () => (await ask({ max_tokens: 2 })).status === 200)
    })
  })
}

async function whole(reply: Response): Promise<Told> {
  const answer = (await reply.json()) as {
    choices: readonly [{ message: { content: string }; finish_reason: string }]
    usage: NonNullable<Told['usage']>
  }
  return told(answer.choices[0].message.content, answer.choices[0].finish_reason, answer.usage)
}

async function pieces(reply: Response): Promise<Told> {
  const text = await reply.text()
  const chunks = text
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map(
      (line) =>
        JSON.parse(line.slice('data: '.length)) as {
          choices: readonly { delta: { content?: string }; finish_reason: string | null }[]
          usage?: Told['usage'] | null
        },
    )
  const finish = chunks.map(({ choices }) => choices[0]?.finish_reason).findLast((reason) => typeof reason === 'string')
  const usage = chunks.map((chunk) => chunk.usage ?? undefined).findLast((each) => each !== undefined)
  return told(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join(''), finish ?? undefined, usage)
}

/** Without the details that the engine itself does not tell. */
function told(text: string, finish: string | undefined, usage: Told['usage']): Told {
  return {
    text,
    finish,
    usage: usage && { prompt_tokens: usage.prompt_tokens, completion_tokens: usage.completion_tokens },
  }
}
