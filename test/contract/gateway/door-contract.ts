/**
 * What every door to the mesh does, whatever its dialect: one suite, run by each with a small driver that knows how a
 * question is written there and how an answer is read.
 */
import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { text as textOf } from 'node:stream/consumers'
import type { ChatBody } from '../../../core/query/query.ts'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { PING_EVERY_MS } from '../../../gateway/request/limits.ts'
import { aborted } from '../../support/aborted.ts'
import { answering, FAKE_START, failing, scripted } from '../../support/fake-node.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { open, type StartedGateway, startGateway } from '../../support/started-gateway.ts'

/** A question in nobody's dialect. */
export interface DoorAsk {
  readonly stream: boolean
  readonly prompt: string
  /** @default 'tiny' */
  readonly model?: string
  /** Names of tools, each with one parameter `place`. */
  readonly tools?: readonly string[]
  /** Base64 of a PNG. */
  readonly image?: string
  /** A JSON schema that the answer must follow. */
  readonly schema?: object
  readonly effort?: 'low'
  readonly maxTokens?: number
  readonly stop?: string
}

/** An answer, or as much of it as came. */
export interface DoorAnswer {
  readonly text: string
  readonly reasoning: string
  readonly calls: readonly { readonly name: string; readonly arguments: unknown }[]
  /** Why it ended; undefined when it did not. */
  readonly finish: string | undefined
  /** Tokens of prompt and answer. */
  readonly usage: readonly [number, number] | undefined
  /** The text of an error. */
  readonly error: string | undefined
}

/** A dialect. */
export interface DoorDriver {
  readonly name: string
  request(ask: DoorAsk): { readonly path: string; readonly body: object }
  /** Reads a body, of an answer or of an error. Throws for what is no body of the dialect. */
  whole(body: string): DoorAnswer
  /** Reads a stream as far as it goes. Throws for what is no stream of the dialect. */
  stream(body: string): DoorAnswer
  /** What the dialect calls an end at the limit of tokens. */
  readonly length: string
  /** What it calls an end with calls; absent where it knows no tools. */
  readonly called?: string
}

const USAGE = { promptTokens: 5, completionTokens: 2 }
const END: QueryEvent = { kind: 'end', finishReason: 'stop', usage: USAGE }
const PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg=='
const SCHEMA = { type: 'object', properties: { city: { type: 'string' } } }
const PROMPT = 'How is it there?'
/** An event of a wait: of our own, or a state of a response without a number. */
const TOLD_WAIT = /event: (?:realmesh\.queue|response\.\w+)\ndata: .*(?:"realmesh\.queue"|"queue":\{).*\n\n/g
const ROUTE: readonly QueryEvent[] = [
  { kind: 'toolCall', index: 0, id: 'call_a', name: 'weather', arguments: '' },
  { kind: 'toolCall', index: 0, arguments: '{"place":' },
  { kind: 'toolCall', index: 0, arguments: '"Łódź"}' },
]
const CALLED: QueryEvent = { kind: 'end', finishReason: 'tool_calls', usage: USAGE }

export function doorContract(driver: DoorDriver): void {
  describe(`the door of ${driver.name}`, () => {
    let started: StartedGateway
    beforeEach(async () => {
      started = await startGateway()
    })
    afterEach(() => started.gateway.stop())

    const ask = (more: Partial<DoorAsk> = {}): Promise<IncomingMessage> =>
      open(started.port, driver.request({ stream: true, prompt: PROMPT, ...more }))
    const read = async (response: IncomingMessage, stream: boolean): Promise<DoorAnswer> => {
      const body = await textOf(response)
      return stream && response.statusCode === 200 ? driver.stream(body) : driver.whole(body)
    }
    /** The same, whole and streamed, must come of the same question. */
    const both = async (more: Partial<DoorAsk>, check: (answer: DoorAnswer) => void): Promise<void> => {
      for (const stream of [false, true]) check(await read(await ask({ ...more, stream }), stream))
    }
    const asked = (): ChatBody => {
      const body = started.node.asked.at(-1)?.body
      assert.ok(body !== undefined && 'messages' in body)
      return body
    }

    it('chat: hands the question to the node and the answer back', async () => {
      started.node.script = answering('Hello', ' world')
      await both({ maxTokens: 7 }, ({ text, finish, error }) => {
        assert.deepEqual([text, finish, error], ['Hello world', 'stop', undefined])
        assert.deepEqual(asked(), { messages: [{ role: 'user', content: PROMPT }], sampling: { maxTokens: 7 } })
      })
    })

    it('stream: gives the first piece while the second is not there yet', async () => {
      const release = Promise.withResolvers<void>()
      started.node.script = async function* () {
        yield FAKE_START
        yield { kind: 'text', text: 'one' }
        await release.promise
        yield { kind: 'text', text: ' two' }
        yield END
      }
      const response = await ask()
      let body = ''
      for await (const chunk of response) {
        body += String(chunk)
        if (body.includes('one')) release.resolve()
      }
      assert.equal(driver.stream(body).text, 'one two')
      assert.equal(response.headers['x-realmesh-node'], FAKE_START.node)
    })

    if (driver.called === undefined) {
      it('tools: says that they have no effect', async () => {
        const { headers } = await ask({ tools: ['weather'] })
        assert.match(String(headers['x-realmesh-ignored']), /\btools\b/)
      })
    } else offersTools()

    it('images: hands them over as they are', async () => {
      await both({ image: PICTURE }, () => {
        assert.deepEqual(asked().messages[0]?.content, [
          { type: 'text', text: PROMPT },
          { type: 'image', mediaType: 'image/png', data: PICTURE },
        ])
      })
    })

    it('structured output: hands the schema over', async () => {
      await both({ schema: SCHEMA }, () => {
        const { responseFormat } = asked()
        assert.ok(responseFormat?.type === 'json_schema')
        assert.deepEqual(responseFormat.schema, SCHEMA)
      })
    })

    it('reasoning: keeps it apart from the answer', async () => {
      const thought: QueryEvent = { kind: 'reasoning', text: 'hm' }
      started.node.script = scripted(FAKE_START, thought, { kind: 'text', text: 'yes' }, END)
      await both({ effort: 'low' }, ({ text, reasoning }) => {
        assert.deepEqual([text, reasoning], ['yes', 'hm'])
        assert.equal(asked().think, 'low')
      })
    })

    it('usage: tells what the engine counted', async () => {
      await both({}, ({ usage }) => assert.deepEqual(usage, [5, 2]))
    })

    it('stop: hands stop words over, and tells an end at the limit', async () => {
      started.node.script = scripted(FAKE_START, { kind: 'text', text: 'and' }, { kind: 'end', finishReason: 'length' })
      await both({ stop: '\n\n' }, ({ finish }) => {
        assert.equal(finish, driver.length)
        assert.deepEqual(asked().sampling?.stop, ['\n\n'])
      })
    })

    it('abort: a client that leaves stops the work', async () => {
      const cancelled = Promise.withResolvers<void>()
      started.node.script = async function* (_request, signal) {
        yield FAKE_START
        yield { kind: 'text', text: 'Hel' }
        await aborted(signal)
        cancelled.resolve()
      }
      const response = await ask()
      response.on('error', () => {}) // it is the test that breaks it
      response.once('data', () => response.destroy())
      await cancelled.promise
    })

    it('error before an answer: keeps its status, and says what to do', async () => {
      const refused = new RealmeshError('CONSENT_NEEDED', 'public queries leave your home', { fix: 'say yes' })
      started.node.script = failing(refused)
      for (const stream of [false, true]) {
        const response = await ask({ stream })
        assert.equal(response.statusCode, 403)
        assert.match((await read(response, false)).error ?? '', /leave your home.*say yes/)
      }
      const unknown = await ask({ model: 'nope' })
      assert.equal(unknown.statusCode, 404)
      assert.match((await read(unknown, false)).error ?? '', /nope/)
    })

    it('error in mid-stream: tells it, and does not end as a whole answer does', async () => {
      const cut = new RealmeshError('ANSWER_CUT', 'the rig died after 1 token')
      started.node.script = failing(cut, FAKE_START, { kind: 'text', text: 'Hel' })
      const { text, error, finish } = await read(await ask(), true)
      assert.deepEqual([text, finish], ['Hel', undefined])
      assert.match(error ?? '', /the rig died/)
    })

    it('queue wait: shows signs of life that the client skips', async () => {
      const clock = new ManualClock()
      const waiting = await startGateway({}, { clock })
      const pulled = Promise.withResolvers<void>()
      const free = Promise.withResolvers<void>()
      waiting.node.script = async function* () {
        yield { kind: 'queued', position: 3, estimatedWaitMs: 60_000 }
        pulled.resolve()
        await free.promise
        yield FAKE_START
        yield { kind: 'text', text: 'Hello' }
        yield END
      }
      const coming = open(waiting.port, driver.request({ stream: true, prompt: PROMPT }))
      await pulled.promise
      clock.advance(PING_EVERY_MS)
      const response = await coming // the head is there, though nothing of the answer is
      assert.equal(response.headers['x-realmesh-queue'], 'position=3, estimated-wait-ms=60000')
      let body = ''
      for await (const chunk of response) {
        body += String(chunk)
        free.resolve()
      }
      assert.equal(driver.stream(body).text, 'Hello')
      assert.ok(body.indexOf('Hello') > 0)
      await waiting.gateway.stop()
    })

    it('queue wait: whoever asks is told of each change at once, and reads the same answer', async () => {
      const moved = Promise.withResolvers<void>()
      const free = Promise.withResolvers<void>()
      started.node.script = async function* () {
        yield { kind: 'queued', position: 2, estimatedWaitMs: 9_000 }
        await moved.promise
        yield { kind: 'queued', position: 1, estimatedWaitMs: 4_000 }
        yield FAKE_START
        yield { kind: 'progress', fraction: 0.5, note: 'the model is loaded' }
        await free.promise
        yield { kind: 'text', text: 'Hello' }
        yield END
      }
      const headers = { 'x-realmesh-events': 'queue' }
      const response = await open(started.port, { ...driver.request({ stream: true, prompt: PROMPT }), headers })
      let body = ''
      for await (const chunk of response) {
        body += String(chunk)
        if (body.includes('"position":2,"estimated_wait_ms":9000')) moved.resolve()
        if (body.includes('"progress":0.5,"note":"the model is loaded"')) free.resolve()
      }
      assert.match(body, /"position":1,"estimated_wait_ms":4000/)
      // Not where the dialect numbers its events: what cannot be replayed has no number there.
      const { text, finish } = driver.stream(body.replaceAll(TOLD_WAIT, ''))
      assert.deepEqual([text, finish], ['Hello', 'stop'])
    })

    it('continued answer: is one answer, though two rigs gave it', async () => {
      const other = { ...FAKE_START, node: 'another-peer' }
      const [one, two] = [' one', ' two'].map((text): QueryEvent => ({ kind: 'text', text }))
      assert.ok(one !== undefined && two !== undefined)
      started.node.script = scripted(FAKE_START, one, other, two, END)
      await both({}, ({ text, finish }) => assert.deepEqual([text, finish], [' one two', 'stop']))
    })

    function offersTools(): void {
      it('tools: offers them, and tells a call whole however it came', async () => {
        started.node.script = scripted(FAKE_START, ...ROUTE, CALLED)
        await both({ tools: ['weather'] }, ({ calls, finish }) => {
          assert.deepEqual(calls, [{ name: 'weather', arguments: { place: 'Łódź' } }])
          assert.equal(finish, driver.called)
          assert.deepEqual(
            asked().tools?.map(({ name }) => name),
            ['weather'],
          )
        })
      })

      it('parallel tools: keeps calls apart whose pieces come mixed', async () => {
        const [first, ...rest] = ROUTE
        assert.ok(first !== undefined)
        const other: QueryEvent = {
          kind: 'toolCall',
          index: 1,
          id: 'call_b',
          name: 'time',
          arguments: '{"place":"Ur"}',
        }
        started.node.script = scripted(FAKE_START, first, other, ...rest, CALLED)
        await both({ tools: ['weather', 'time'] }, ({ calls }) => {
          assert.deepEqual(calls, [
            { name: 'weather', arguments: { place: 'Łódź' } },
            { name: 'time', arguments: { place: 'Ur' } },
          ])
        })
      })
    }
  })
}
