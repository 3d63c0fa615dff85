/**
 * What every real engine must show through its adapter: run against servers that compute. Nothing here knows what the
 * model says; an answer is held against the engine's own, asked without realmesh in between.
 */
import assert from 'node:assert/strict'
import type { ChatBody } from '../../core/query/query.ts'
import type { EndEvent, QueryEvent } from '../../core/query/query-event.ts'
import type { Engine } from '../../engines/adapter/engine.ts'
import { detectEngines } from '../../engines/detect-engines.ts'
import { createEngine } from '../../engines/engine-kinds.ts'
import { collect, textOf } from '../support/collect.ts'
import { eventually } from '../support/daemon.ts'
import { chatQuery } from '../support/query.ts'
import { cutAnswer, different, oddSeams } from '../support/real/cut-answer.ts'
import { note, noteEach } from '../support/real/engine-table.ts'
import type { RealEngine, RealServer } from '../support/real/real-engine.ts'
import { leftOut, skip } from '../support/skip.ts'
import { volume } from '../support/volume.ts'

const PROMPT = 'Write two short sentences about the sea.'
const STORY = 'Write a short story about a dragon in three paragraphs.'
const LONG = 'Tell me a long story about a dragon and a sailor.'
const CUT_TITLE = 'goes on behind the start of its own answer, with the length and the usage of an uncut one'
const GREEDY = { temperature: 0 } as const

export function realEngineSuite(name: string, real: RealEngine): void {
  if (real.missing !== undefined && !real.inGate) {
    leftOut(`the real ${name}`, real.missing)
    return
  }
  describe(`the real ${name}`, () => {
    const never = new AbortController().signal
    noteEach(name)
    let server: RealServer
    let engine: Engine

    before(async function () {
      if (real.missing !== undefined) skip(this, real.missing)
      server = await real.start()
      engine = adapter(server)
    })

    after(async () => {
      await engine?.close()
      await server?.stop()
    })

    function adapter({ url }: RealServer): Engine {
      return createEngine({ kind: real.kind, url, ...(real.apiKey !== undefined && { apiKey: real.apiKey }) })
    }

    function ask(prompt: string, body: Partial<ChatBody> = {}, signal = never): AsyncIterable<QueryEvent> {
      const messages = [{ role: 'user' as const, content: prompt }]
      const query = chatQuery({ model: real.model, body: { messages, sampling: GREEDY, ...body } })
      return engine.run(query, { signal })
    }

    function endOf(events: readonly QueryEvent[]): EndEvent {
      const end = events.at(-1)
      assert.ok(end?.kind === 'end', 'the last event is no end')
      assert.equal(events.filter((event) => event.kind === 'end').length, 1)
      return end
    }

    it('is told from other engines by what it answers', async () => {
      const detection = await detectEngines({ ports: [], urls: [server.url], timeoutMs: 5_000 }, { signal: never })
      if (real.apiKey === undefined)
        assert.deepEqual(
          detection.found.map(({ kind }) => kind),
          [real.kind],
        )
      else assert.match(detection.refused[0]?.reason ?? '', /wants a key/)
    })

    it('lists its model with what it can do', async () => {
      const models = await engine.models({ signal: never })
      const model = models.find((each) => each.name === real.model)
      assert.ok(model, JSON.stringify(models))
      assert.ok(model.types.includes('chat'))
      assert.equal(model.contextLength, real.context)
      assert.equal(model.capabilities.prefill, real.can.prefill)
      assert.equal(model.capabilities.vision, false)
    })

    it('answers as the engine itself does, in many pieces, with the same usage', async () => {
      const own = await real.direct(server, { prompt: PROMPT, maxTokens: 60 })
      const events = await collect(ask(PROMPT, { sampling: { ...GREEDY, maxTokens: 60 } }))
      assert.equal(textOf(events), own.text)
      assert.ok(events.filter((event) => event.kind === 'text').length > 1)
      const end = endOf(events)
      assert.equal(end.finishReason, own.finishReason)
      assert.deepEqual(tokensOf(end), [own.promptTokens, own.completionTokens])
    })

    it('says that the limit on the answer was reached', async () => {
      const events = await collect(ask(LONG, { sampling: { ...GREEDY, maxTokens: 7 } }))
      const end = endOf(events)
      assert.equal(end.finishReason, 'length')
      assert.equal(end.usage?.completionTokens, 7)
    })

    it('stops before a stop word', async () => {
      const own = await real.direct(server, { prompt: LONG, maxTokens: 40 })
      const [, , third = ''] = own.text.split(' ')
      const events = await collect(ask(LONG, { sampling: { ...GREEDY, maxTokens: 40, stop: [third] } }))
      assert.equal(textOf(events), own.text.slice(0, own.text.indexOf(third)))
      assert.equal(endOf(events).finishReason, 'stop')
    })

    if (real.can.seed) {
      it('repeats itself with the same seed, and not with another', async () => {
        const drawn = async (seed: number): Promise<string> =>
          textOf(await collect(ask(LONG, { sampling: { temperature: 1.5, seed, maxTokens: 24 } })))
        const [first, second, other] = [await drawn(7), await drawn(7), await drawn(8)]
        assert.equal(first, second)
        assert.notEqual(first, other)
      })
    }

    // Nothing that a model could fill with blanks until its limit.
    const schema = { type: 'string', enum: ['red', 'green', 'blue'] }
    const responseFormat = { type: 'json_schema', name: 'colour', schema } as const

    if (real.can.structured === 'unsure') {
      it('does not know whether it keeps to a schema, and passes nothing else off for JSON', async () => {
        const [model] = await engine.models({ signal: never })
        assert.ok(model?.unsure?.includes('structured'))
        const asked = collect(ask('Say hello.', { responseFormat, sampling: { ...GREEDY, maxTokens: 200 } }))
        const events = await asked.catch((error: unknown) => error as { code?: string })
        if (!Array.isArray(events)) assert.equal(events.code, 'CAPABILITY_MISSING')
        else if (endOf(events).finishReason === 'stop') JSON.parse(textOf(events))
      })
    } else if (real.can.structured) {
      it('holds an answer to a schema', async () => {
        const asked = ask('Which colour has the sky?', { responseFormat, sampling: { ...GREEDY, maxTokens: 80 } })
        assert.ok(schema.enum.includes(JSON.parse(textOf(await collect(asked)))))
      })
    }

    const tools = [{ name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } }]

    if (real.can.tools === 'unsure') {
      it('does not know whether it can call tools, and says so', async () => {
        const [model] = await engine.models({ signal: never })
        assert.ok(model?.unsure?.includes('tools'))
      })
    } else if (real.can.tools) {
      it('calls the tool that it must call', async () => {
        const events = await collect(
          ask('What is the weather in Paris?', {
            tools,
            toolChoice: { name: 'weather' },
            sampling: { ...GREEDY, maxTokens: 80 },
          }),
        )
        const calls = events.filter((event) => event.kind === 'toolCall')
        assert.equal(calls[0]?.name, 'weather')
        assert.ok((calls[0]?.id ?? '') !== '')
      })
    } else {
      it('refuses tools', async () => {
        await assert.rejects(collect(ask(PROMPT, { tools })), { code: 'CAPABILITY_MISSING' })
      })
    }

    if (real.can.refusesLong) {
      it('says that a prompt is too long, by a little and by a lot', async () => {
        const words = 'the quick brown fox jumps over the lazy dog '
        const context = real.context ?? 2_048
        for (const times of [context / 8, context]) {
          await assert.rejects(collect(ask(words.repeat(times))), { code: 'CONTEXT_TOO_LONG' })
        }
      })
    }

    it('does not fail when more tokens are asked for than fit', async () => {
      const context = real.context ?? 2_048
      const asked = collect(ask(PROMPT, { sampling: { ...GREEDY, maxTokens: context * 2, stop: ['.'] } }))
      const events = await asked.catch((error: unknown) => error as { code?: string })
      if (Array.isArray(events)) assert.equal(endOf(events).finishReason, 'stop')
      else assert.ok(['BAD_REQUEST', 'CONTEXT_TOO_LONG'].includes(events.code ?? ''), JSON.stringify(events))
    })

    it('stops computing when the query is cancelled', async () => {
      const cancel = new AbortController()
      let pieces = 0
      await assert.rejects(
        async () => {
          for await (const event of ask(LONG, { sampling: { ...GREEDY, maxTokens: 1_500 } }, cancel.signal)) {
            if (event.kind === 'text') pieces += 1
            if (pieces === 3) cancel.abort()
          }
        },
        { code: 'CANCELLED' },
      )
      if (real.can.load)
        await eventually('nothing runs', async () => (await engine.load?.({ signal: never }))?.running === 0)
      await collect(ask(PROMPT, { sampling: { ...GREEDY, maxTokens: 2 } }))
    })

    it('answers more at once than it has places for, each with its own whole answer', async () => {
      const prompts = Array.from({ length: real.slots + 2 }, (_, i) => `Count to ${i + 3}.`)
      const answers = await Promise.all(
        prompts.map((prompt) => collect(ask(prompt, { sampling: { ...GREEDY, maxTokens: 12 } }))),
      )
      for (const events of answers) {
        assert.ok(textOf(events).length > 0)
        endOf(events)
      }
    })

    if (real.can.load) {
      it('tells its places, and what runs in them', async () => {
        const cancel = new AbortController()
        const running = ask(LONG, { sampling: { ...GREEDY, maxTokens: 1_500 } }, cancel.signal)[Symbol.asyncIterator]()
        await running.next()
        const load = await engine.load?.({ signal: never })
        assert.equal(load?.running, 1, JSON.stringify(load))
        cancel.abort()
        await assert.rejects(running.next(), { code: 'CANCELLED' })
        await eventually('nothing runs', async () => (await engine.load?.({ signal: never }))?.running === 0)
      })
    }

    it('serves short answers one right behind the other, with a probe between them', async () => {
      for (let i = 0; i < volume(20, 300); i += 1) {
        const events = await collect(ask('Hi', { sampling: { ...GREEDY, maxTokens: 2 } }))
        assert.ok(textOf(events).length > 0)
        await engine.probe({ signal: never })
      }
    })

    if (real.can.prefill) {
      it(CUT_TITLE, async () => {
        const cuts = volume(6, 50)
        const messages = [{ role: 'user' as const, content: STORY }]
        const body = { messages, sampling: { ...GREEDY, maxTokens: volume(40, 120) } }
        const query = chatQuery({ model: real.model, body })
        const result = await cutAnswer({ query, cuts, from: engine, at: engine })
        for (const { end } of result.joined) {
          assert.deepEqual(tokensOf(end), tokensOf(result.whole.end))
          assert.equal(end.finishReason, result.whole.end.finishReason)
          assert.ok((end.usage?.cachedTokens ?? 0) <= (end.usage?.promptTokens ?? 0), JSON.stringify(end))
        }
        const wrong = different(result)
        note(name, CUT_TITLE, `${cuts - wrong.length} of ${cuts} byte for byte`)
        assert.deepEqual(oddSeams(result), [])
        // Computed in another batch, a sum may round otherwise, and then another word wins.
        assert.ok(wrong.length <= cuts * 0.04, JSON.stringify(wrong))
      })
    } else {
      it('does not pretend to continue a given answer', async () => {
        await assert.rejects(collect(ask(PROMPT, { prefill: 'The sea' })), { code: 'CAPABILITY_MISSING' })
      })
    }

    if (real.can.loading) {
      it('is known while it loads, and serves when it has', async () => {
        const young = await real.start({ wait: false })
        const early = adapter(young)
        const loads = async (): Promise<boolean> =>
          await fetch(`${young.url}/health`).then(
            ({ status }) => status === 503,
            () => false,
          )
        try {
          await eventually('it says that it loads', loads)
          const detection = await detectEngines({ ports: [], urls: [young.url], timeoutMs: 5_000 }, { signal: never })
          assert.equal(detection.found[0]?.kind, real.kind, JSON.stringify(detection))
          await eventually('it has loaded', async () => !(await loads()))
          assert.ok((await early.models({ signal: never })).length > 0)
        } finally {
          await early.close()
          await young.stop()
        }
      })
    }

    real.more?.(() => server)

    it('is gone when it is stopped, and there again when it is back on the same port', async () => {
      const port = Number(new URL(server.url).port)
      await server.stop()
      await assert.rejects(engine.probe({ signal: never }), { code: 'ENGINE_FAILED' })
      server = await real.start({ port })
      await engine.probe({ signal: never })
      assert.ok((await engine.models({ signal: never })).some((model) => model.name === real.model))
      assert.ok(textOf(await collect(ask('Hi', { sampling: { ...GREEDY, maxTokens: 2 } }))).length > 0)
    })
  })
}

/** Tokens of prompt and answer; what else an engine counts depends on what it did before. */
function tokensOf({ usage }: EndEvent): readonly (number | undefined)[] {
  return [usage?.promptTokens, usage?.completionTokens]
}
