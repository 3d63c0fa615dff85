/**
 * What every chat engine must do, whatever it speaks: run by each adapter against the stub of its kind. The stub's
 * pieces are cut inside characters and lines, and nothing here waits for a time to pass: the journal says when the
 * engine noticed.
 */
import assert from 'node:assert/strict'
import type { ChatBody, EmbedQuery, ImagineQuery } from '../../../core/query/query.ts'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { Engine } from '../../../engines/adapter/engine.ts'
import { collect, textOf } from '../../support/collect.ts'
import { splitPrefill, stubTokens } from '../../support/engines/stub-answer.ts'
import { stubPng } from '../../support/engines/stub-image.ts'
import type { StubKnobs } from '../../support/engines/stub-knobs.ts'
import type { StubServer } from '../../support/engines/stub-server.ts'
import { chatQuery } from '../../support/query.ts'

export interface EngineContractInit {
  readonly name: string
  readonly stub: (knobs: Partial<StubKnobs>) => Promise<StubServer>
  readonly engine: (url: string) => Engine
  /** Name of the chat model as `models()` gives it. */
  readonly model: string
  /** What the engine can do beside text; each is tested when true, and its refusal when false. */
  readonly can: {
    readonly prefill: boolean
    readonly tools: boolean
    readonly images: boolean
    readonly structured: boolean
    readonly reasoning: boolean
    readonly embed: boolean
    readonly load: boolean
    readonly usage: boolean
    /** Whether several events come before the end. */
    readonly streams: boolean
    /** Whether a seed reaches the engine. */
    readonly seed: boolean
  }
}

const BODY: ChatBody = { messages: [{ role: 'user', content: 'what is a realm? 🚀' }], sampling: { seed: 7 } }

export function engineContract({ name, stub: makeStub, engine: makeEngine, model, can }: EngineContractInit): void {
  describe(`engine contract: ${name}`, () => {
    const open: { close(): Promise<void> }[] = []
    const never = new AbortController().signal

    async function setUp(knobs: Partial<StubKnobs> = {}): Promise<{ stub: StubServer; engine: Engine }> {
      const stub = await makeStub(knobs)
      const engine = makeEngine(stub.url)
      open.push(engine, { close: () => stub.stop() })
      return { stub, engine }
    }

    function ask(engine: Engine, body: Partial<ChatBody> = {}, signal = never): AsyncIterable<QueryEvent> {
      return engine.run(chatQuery({ model, body: { ...BODY, ...body } }), { signal })
    }

    function wholeAnswer(count: number): string {
      const messages = [{ role: 'user', text: 'what is a realm? 🚀', images: 0 }]
      return stubTokens({ model, messages: splitPrefill(messages).asked, seed: can.seed ? 7 : 0 }, count).join('')
    }

    afterEach(async () => {
      for (const each of open.splice(0)) await each.close()
    })

    it('lists the models with their names and types', async () => {
      const { engine } = await setUp()
      const models = await engine.models({ signal: never })
      const chat = models.find((each) => each.name === model)
      assert.ok(chat?.types.includes('chat'), JSON.stringify(models))
      assert.equal(chat?.capabilities.prefill, can.prefill)
    })

    it('answers a probe while it lives and fails it when it is gone', async () => {
      const { stub, engine } = await setUp()
      await engine.probe({ signal: never })
      await stub.stop()
      await assert.rejects(engine.probe({ signal: never }), { code: 'ENGINE_FAILED', retryable: true })
    })

    it('hands the trace of a query on, and makes none of its own', async () => {
      const { stub, engine } = await setUp()
      const seen: unknown[] = []
      stub.server.on('request', ({ method, headers }) => {
        if (method === 'POST') seen.push([headers['traceparent'], headers['tracestate']])
      })
      const trace = { parent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, state: 'x=1' }
      await collect(engine.run({ ...chatQuery({ model, body: BODY }), trace }, { signal: never }))
      assert.deepEqual(seen.splice(0).at(-1), [trace.parent, trace.state])
      await collect(ask(engine))
      assert.deepEqual(seen.at(-1), [undefined, undefined])
    })

    it('streams the answer and ends it once', async () => {
      const { engine } = await setUp()
      const events = await collect(ask(engine))
      assert.equal(textOf(events), wholeAnswer(24))
      assert.equal(events.filter((event) => event.kind === 'end').length, 1)
      const end = events.at(-1)
      assert.ok(end?.kind === 'end')
      assert.equal(end.finishReason, 'stop')
      if (can.usage) assert.equal(end.usage?.completionTokens, 24)
      if (can.streams) assert.ok(events.filter((event) => event.kind === 'text').length > 1)
    })

    for (const pieceBytes of [1, 7]) {
      it(`puts an answer together that arrives in pieces of ${pieceBytes} bytes`, async () => {
        const { engine } = await setUp({ pieceBytes, tokens: 20 })
        assert.equal(textOf(await collect(ask(engine))), wholeAnswer(20))
      })
    }

    it('serves one after the other over one engine without mixing answers', async () => {
      const { engine } = await setUp()
      const runs = Array.from({ length: 6 }, (_, seed) => collect(ask(engine, { sampling: { seed } })))
      const texts = (await Promise.all(runs)).map(textOf)
      const messages = [{ role: 'user', text: 'what is a realm? 🚀', images: 0 }]
      assert.deepEqual(
        texts,
        texts.map((_, seed) => stubTokens({ model, messages, seed: can.seed ? seed : 0 }, 24).join('')),
      )
    })

    if (can.streams) {
      it('sends the limit on the answer and says that it was reached', async () => {
        const { engine } = await setUp()
        const events = await collect(ask(engine, { sampling: { seed: 7, maxTokens: 5 } }))
        assert.equal(textOf(events), wholeAnswer(5))
        const end = events.at(-1)
        assert.equal(end?.kind === 'end' && end.finishReason, 'length')
      })

      it('stops the engine when the query is cancelled', async () => {
        const { stub, engine } = await setUp({ pauseAfter: 5 })
        const cancel = new AbortController()
        const seen: QueryEvent[] = []
        await assert.rejects(
          async () => {
            for await (const event of ask(engine, {}, cancel.signal)) {
              seen.push(event)
              if (textOf(seen) === wholeAnswer(5)) cancel.abort()
            }
          },
          { code: 'CANCELLED' },
        )
        await stub.journal.waitFor('cancel')
        assert.equal(textOf(seen), wholeAnswer(5))
      })

      it('stops the engine when the reader leaves', async () => {
        const { stub, engine } = await setUp({ pauseAfter: 5 })
        for await (const event of ask(engine)) if (event.kind === 'text') break
        await stub.journal.waitFor('cancel')
      })

      it('fails when the connection is cut in the middle, after what had come', async () => {
        const { engine } = await setUp({ fail: 'cut' })
        const seen: QueryEvent[] = []
        await assert.rejects(
          async () => {
            for await (const event of ask(engine)) seen.push(event)
          },
          { code: 'ENGINE_FAILED', retryable: true },
        )
        assert.equal(textOf(seen), wholeAnswer(3))
      })

      it('fails when the engine reports an error in its stream', async () => {
        const { engine } = await setUp({ fail: 'streamed-error' })
        await assert.rejects(collect(ask(engine)), (error: unknown) => {
          assert.ok(error instanceof RealmeshError)
          assert.equal(error.code, 'ENGINE_FAILED')
          assert.match(error.message, /the GPU fell off the bus/)
          return true
        })
      })

      it('refuses an endless line instead of keeping it', async () => {
        const { stub, engine } = await setUp({ fail: 'endless-line' })
        await assert.rejects(collect(ask(engine)), { code: 'ENGINE_GARBAGE' })
        await stub.journal.waitFor('cancel')
      })
    }

    it('can be cancelled while the engine says nothing', async () => {
      const { stub, engine } = await setUp({ fail: 'hang', failAfter: 0 })
      const cancel = new AbortController()
      const answer = collect(ask(engine, {}, cancel.signal))
      await stub.journal.waitFor('start')
      cancel.abort()
      await assert.rejects(answer, { code: 'CANCELLED' })
      await stub.journal.waitFor('cancel')
    })

    it('does not start when the query is cancelled already', async () => {
      const { stub, engine } = await setUp()
      await assert.rejects(collect(ask(engine, {}, AbortSignal.abort())), { code: 'CANCELLED' })
      assert.equal(stub.journal.count('start'), 0)
    })

    it('waits for a model that loads', async () => {
      const { stub, engine } = await setUp({ loadMs: 30 })
      assert.equal(textOf(await collect(ask(engine))), wholeAnswer(24))
      assert.equal(stub.journal.count('load'), 1)
    })

    it('fails on an error before the answer, and names no more than its first words', async () => {
      const { engine } = await setUp({ fail: 'error' })
      await assert.rejects(collect(ask(engine)), (error: unknown) => {
        assert.ok(error instanceof RealmeshError)
        assert.equal(error.code, 'ENGINE_FAILED')
        assert.equal(error.retryable, true)
        assert.ok(error.message.length < 300)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is the point
        assert.doesNotMatch(error.message, /[\u0000-\u001f]/)
        return true
      })
    })

    it('calls an engine that refuses for load busy', async () => {
      const { engine } = await setUp({ fail: 'busy' })
      await assert.rejects(collect(ask(engine)), { code: 'ENGINE_BUSY', retryable: true })
    })

    it('calls words that are no protocol garbage', async () => {
      const { engine } = await setUp({ fail: 'garbage' })
      await assert.rejects(collect(ask(engine)), { code: 'ENGINE_GARBAGE', retryable: true })
    })

    it('fails when nobody listens', async () => {
      const { stub, engine } = await setUp()
      await stub.stop()
      await assert.rejects(collect(ask(engine)), { code: 'ENGINE_FAILED', retryable: true })
    })

    if (can.load) {
      it('tells its load, with its own query in it', async () => {
        const { stub, engine } = await setUp({ pauseAfter: 2 })
        const answer = collect(ask(engine))
        await stub.journal.waitFor('load')
        const load = await engine.load?.({ signal: never })
        assert.ok(load !== undefined)
        assert.ok((load.warmModels ?? []).includes(model) || (load.running ?? 0) >= 1, JSON.stringify(load))
        stub.release()
        const held = setInterval(() => stub.release(), 5)
        await answer.finally(() => clearInterval(held))
      })
    }

    if (can.prefill) {
      for (const characters of [1, 17, 60]) {
        it(`continues an answer right behind its first ${characters} characters`, async () => {
          const { stub, engine } = await setUp()
          const whole = wholeAnswer(24)
          const prefill = whole.slice(0, characters)
          const rest = textOf(await collect(ask(engine, { prefill })))
          assert.equal(prefill + rest, whole)
          assert.equal(stub.journal.entries.find((entry) => entry.event === 'start')?.prefill, prefill)
        })
      }
    } else {
      it('refuses to continue a given answer', async () => {
        const { stub, engine } = await setUp()
        await engine.models({ signal: never })
        await assert.rejects(collect(ask(engine, { prefill: 'the' })), { code: 'CAPABILITY_MISSING' })
        assert.equal(stub.journal.count('start'), 0)
      })
    }

    const tools = [{ name: 'weather', parameters: { type: 'object', properties: { place: { type: 'string' } } } }]
    const images = [
      {
        role: 'user' as const,
        content: [{ type: 'image' as const, mediaType: 'image/png', data: stubPng('a', 1).toString('base64') }],
      },
    ]
    const responseFormat = {
      type: 'json_schema' as const,
      name: 'fact',
      schema: { properties: { word: { type: 'string' } } },
    }

    if (can.tools) {
      it('carries a tool call, and the answer to it', async () => {
        const { engine } = await setUp({ pieceBytes: 5 })
        const events = await collect(ask(engine, { tools }))
        const calls = events.filter((event) => event.kind === 'toolCall')
        assert.equal(calls[0]?.name, 'weather')
        assert.ok((calls[0]?.id ?? '') !== '')
        assert.deepEqual(JSON.parse(calls.map((call) => call.arguments).join('')), { place: 'Łódź 🚀' })
        const end = events.at(-1)
        assert.equal(end?.kind === 'end' && end.finishReason, 'tool_calls')
        const call = { id: calls[0]?.id ?? '', name: 'weather', arguments: '{"place":"Łódź"}' }
        const followUp = await collect(
          ask(engine, {
            tools,
            messages: [
              ...BODY.messages,
              { role: 'assistant', content: '', toolCalls: [call] },
              { role: 'tool', content: 'sunny', toolCallId: call.id, toolName: 'weather' },
            ],
          }),
        )
        assert.ok(textOf(followUp).length > 0)
      })
    }

    if (can.images) {
      it('carries an image', async () => {
        const { stub, engine } = await setUp()
        await collect(ask(engine, { messages: images }))
        const { body } = await stub.journal.waitFor('start')
        assert.match(JSON.stringify(body), /iVBORw0KGgo/)
      })
    }

    if (can.structured) {
      it('holds the answer to a schema', async () => {
        const { engine } = await setUp()
        const answer = textOf(await collect(ask(engine, { responseFormat })))
        assert.deepEqual(JSON.parse(answer), { word: 'café 🚀' })
      })
    }

    if (!can.reasoning) {
      it('answers without thinking where there is none, though it be wished for', async () => {
        const { stub, engine } = await setUp()
        await engine.models({ signal: never })
        assert.equal(textOf(await collect(ask(engine, { think: true }))), wholeAnswer(24))
        const { body } = await stub.journal.waitFor('start')
        assert.doesNotMatch(JSON.stringify(body), /think|reasoning/)
      })
    } else {
      it('tells reasoning from the answer', async () => {
        const { engine } = await setUp()
        const events = await collect(ask(engine, { think: true }))
        assert.deepEqual(
          events.filter((event) => event.kind === 'reasoning'),
          [{ kind: 'reasoning', text: 'hm, ' }],
        )
        assert.equal(textOf(events), wholeAnswer(24))
      })
    }

    const refused: readonly [boolean, string, Partial<ChatBody>][] = [
      [can.tools, 'tools', { tools }],
      [can.images, 'images', { messages: images }],
      [can.structured, 'a response format', { responseFormat }],
    ]
    for (const [able, what, body] of refused) {
      if (able) continue
      it(`refuses ${what} before anything is sent`, async () => {
        const { stub, engine } = await setUp()
        await engine.models({ signal: never })
        await assert.rejects(collect(ask(engine, body)), { code: 'CAPABILITY_MISSING' })
        assert.equal(stub.journal.count('start'), 0)
      })
    }

    it('refuses a type of query that it does not serve', async () => {
      const { engine } = await setUp()
      const query: ImagineQuery = { ...chatQuery({ model }), type: 'imagine', body: { prompt: 'a rig' } }
      await assert.rejects(collect(engine.run(query, { signal: never })), { code: 'CAPABILITY_MISSING' })
    })

    if (can.embed) {
      it('gives one vector per input, in their order', async () => {
        const { engine } = await setUp()
        const query: EmbedQuery = {
          ...chatQuery({ model: 'embedder' }),
          type: 'embed',
          body: { inputs: ['a', 'b', 'a'] },
        }
        const events = await collect(engine.run(query, { signal: never }))
        const vectors = events.filter((event) => event.kind === 'embedding')
        assert.deepEqual(
          vectors.map((event) => event.index),
          [0, 1, 2],
        )
        assert.deepEqual(vectors[0]?.vector, vectors[2]?.vector)
        assert.notDeepEqual(vectors[0]?.vector, vectors[1]?.vector)
        assert.equal(events.at(-1)?.kind, 'end')
      })
    }
  })
}
