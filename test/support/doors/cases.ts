/**
 * What every door to the mesh does, whatever its dialect and wherever it is answered: the rows of the suite. A row says
 * what is asked and answered, and checks what came at both ends.
 */
import assert from 'node:assert/strict'
import type { ChatBody } from '../../../core/query/query.ts'
import type { EndEvent, QueryEvent, TextEvent, ToolCallEvent } from '../../../core/query/query-event.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { loadSharp } from '../../../engines/images/load-sharp.ts'
import { aborted } from '../aborted.ts'
import type { DoorAnswer, DoorAsk, DoorCase } from './door.ts'
import { type Knock, PROMPT } from './knock.ts'
import { type DoorScript, told, twinOf } from './world.ts'

export interface DoorRow {
  readonly shows: string
  /** What is asked beside the prompt. */
  readonly asks?: Partial<DoorAsk>
  /** @default a greeting */
  readonly answers?: DoorScript
  /** What came back, of a whole answer and of a stream alike. */
  readonly says?: (answer: DoorAnswer, knock: Knock) => void
  /** How the question reached the engine. */
  readonly asked?: (body: ChatBody) => void | Promise<void>
  /** Instead of a question that is answered whole and as a stream. */
  readonly goes?: (knock: Knock) => Promise<void>
}

const text = (said: string): TextEvent => ({ kind: 'text', text: said })
const call = (index: number, json: string, named?: { id: string; name: string }): ToolCallEvent => ({
  kind: 'toolCall',
  index,
  ...named,
  arguments: json,
})
const END: EndEvent = { kind: 'end', finishReason: 'stop', usage: { promptTokens: 5, completionTokens: 2 } }
const CALLED: EndEvent = { ...END, finishReason: 'tool_calls' }
const PIECES = ['{"place":', '"Łódź"}'].map((json) => call(0, json))
const WEATHER = { id: 'call_a', name: 'weather', arguments: { place: 'Łódź' } }
const TIME = { id: 'call_b', name: 'time', arguments: { place: 'Ur' } }
const PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg=='
const SCHEMA = { type: 'object', properties: { city: { type: 'string' } } }
const TOKEN = {
  token: 'Hello',
  logprob: -0.5,
  top: [
    { token: 'Hello', logprob: -0.5 },
    { token: 'Hi', logprob: -1.5 },
  ],
}
/** An event of a wait: of our own, or a state of a response without a number. */
const TOLD_WAIT = /event: (?:realmesh\.queue|response\.\w+)\ndata: .*(?:"realmesh\.queue"|"queue":\{).*\n\n/g

async function pixels(data: string): Promise<Buffer> {
  const sharp = await loadSharp()
  return sharp(Buffer.from(data, 'base64')).raw().toBuffer()
}

export const HELLO: DoorScript = told([text('Hello'), text(' world'), END])

/** Calls of an engine that was offered tools; a greeting of one that was not. */
const calling =
  (...calls: readonly QueryEvent[]): DoorScript =>
  (signal, body) =>
    body.tools === undefined ? HELLO(signal, body) : told([...calls, CALLED])(signal, body)

export const ROWS: Readonly<Record<DoorCase, DoorRow>> = {
  chat: {
    shows: 'hands the question over, and the answer back',
    asks: { maxTokens: 7 },
    says: ({ text, finish, error }, { door }) => {
      assert.deepEqual([text, finish, error], ['Hello world', door.ends.stop, undefined])
    },
    asked: (body) => {
      const chat = { messages: [{ role: 'user', content: PROMPT }] }
      const question = body.raw === undefined ? chat : { messages: [], raw: { prompt: PROMPT } }
      assert.deepEqual(body, { ...question, sampling: { maxTokens: 7 } })
    },
  },

  stream: {
    shows: 'gives the first piece while the second is not there yet',
    goes: async (knock) => {
      const release = Promise.withResolvers<void>()
      knock.world.play(async function* () {
        yield text('one')
        await release.promise
        yield* [text(' two'), END]
      })
      const response = await knock.open()
      const body = await knock.follow(response, { one: release.resolve })
      assert.equal(knock.door.stream(body).text, 'one two')
      assert.equal(response.headers['x-realmesh-node'], knock.world.servedBy)
    },
  },

  tools: {
    shows: 'offers them, and tells a call whole, by its id, however it came',
    asks: { tools: ['weather'] },
    answers: calling(call(0, '', WEATHER), ...PIECES),
    says: ({ calls, finish }, { door }) => assert.deepEqual([calls, finish], [[WEATHER], door.ends.calls]),
    asked: ({ tools }) => assert.equal(tools?.map(({ name }) => name).join(), 'weather'),
  },

  'parallel tools': {
    shows: 'keeps calls apart whose pieces come mixed',
    asks: { tools: ['weather', 'time'] },
    answers: calling(call(0, '', WEATHER), call(1, '{"place":"Ur"}', TIME), ...PIECES),
    says: ({ calls }) => assert.deepEqual(calls, [WEATHER, TIME]),
    asked: ({ tools }) => assert.equal(tools?.map(({ name }) => name).join(), 'weather,time'),
  },

  images: {
    shows: 'hands over what is to be seen',
    asks: { image: PICTURE },
    asked: async ({ messages }) => {
      const [said, picture] = messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content))
      assert.deepEqual(said, { type: 'text', text: PROMPT })
      assert.ok(picture?.type === 'image' && picture.mediaType === 'image/png')
      // A node writes a picture anew before it leaves, without all that is told beside the pixels.
      assert.deepEqual(await pixels(picture.data), await pixels(PICTURE))
    },
  },

  'structured output': {
    shows: 'hands the schema over',
    asks: { schema: SCHEMA },
    answers: told([text('{"city":'), text('"Ur"}'), END]),
    says: ({ text }) => assert.equal(text, '{"city":"Ur"}'),
    asked: ({ responseFormat }) => {
      assert.ok(responseFormat?.type === 'json_schema')
      assert.deepEqual(responseFormat.schema, SCHEMA)
    },
  },

  reasoning: {
    shows: 'keeps it apart from the answer',
    asks: { effort: 'low' },
    answers: told([{ kind: 'reasoning', text: 'hm' }, text('yes'), END]),
    says: ({ text, reasoning }) => assert.deepEqual([text, reasoning], ['yes', 'hm']),
    asked: ({ think }) => assert.equal(think, 'low'),
  },

  usage: {
    shows: 'tells what the engine counted',
    says: ({ usage }) => assert.deepEqual([usage?.prompt, usage?.completion], [5, 2]),
  },

  'cached and reasoning tokens': {
    shows: 'are told apart',
    answers: told([
      text('Hello'),
      { ...END, usage: { promptTokens: 9, completionTokens: 4, cachedTokens: 6, reasoningTokens: 3 } },
    ]),
    says: ({ usage }) => assert.deepEqual(usage, { prompt: 9, completion: 4, cached: 6, reasoning: 3 }),
  },

  logprobs: {
    shows: 'are those of the engine',
    asks: { logprobs: 2 },
    answers: (signal, body) =>
      told([{ ...text('Hello'), ...(body.logprobs !== undefined && { logprobs: [TOKEN] }) }, END])(signal, body),
    says: ({ text, logprobs }) => assert.deepEqual([text, logprobs], ['Hello', [['Hello', -0.5, 2]]]),
    asked: ({ logprobs }) => assert.equal(logprobs, 2),
  },

  stop: {
    shows: 'hands stop words over, and tells an end at the limit',
    asks: { stop: '\n\n' },
    answers: told([text('and'), { kind: 'end', finishReason: 'length' }]),
    says: ({ finish }, { door }) => assert.equal(finish, door.ends.length),
    asked: ({ sampling }) => assert.deepEqual(sampling?.stop, ['\n\n']),
  },

  abort: {
    shows: 'a client that leaves stops the work',
    goes: async (knock) => {
      const cancelled = Promise.withResolvers<void>()
      knock.world.play(async function* (signal) {
        yield text('Hel')
        await aborted(signal)
        cancelled.resolve()
      })
      const response = await knock.open()
      response.on('error', () => {}) // it is the test that breaks it
      response.once('data', () => response.destroy())
      await cancelled.promise
    },
  },

  'error before an answer': {
    shows: 'keeps its status, and says what to do',
    goes: async (knock) => {
      const failure = new RealmeshError('CONTEXT_TOO_LONG', 'more than it can read')
      knock.world.play(told([], failure))
      await knock.isRefused({}, 400, /more than it can read.*shorten the conversation/)
      await knock.isRefused({ model: 'nope' }, 404, /nope/)
    },
  },

  consent: {
    shows: 'a question that would leave for strangers is refused, and says which word is missing',
    goes: async (knock) => {
      await knock.isRefused({}, 403, /people you do not know.*realmesh consent public/, {
        'x-realmesh-scope': 'public',
      })
      assert.equal(knock.world.asked(), undefined)
    },
  },

  'error in mid-stream': {
    shows: 'is told, and the answer does not end as a whole one does',
    goes: async (knock) => {
      knock.world.play(told([text('Hel')], new RealmeshError('ANSWER_CUT', 'the answer was cut')))
      const response = await knock.open({}, { 'x-realmesh-continuation': 'off' })
      const { text: said, error, finish } = await knock.read(response, true)
      assert.deepEqual([said, finish], ['Hel', undefined])
      assert.match(error ?? '', /was cut/)
    },
  },

  'signs of life': {
    shows: 'tell a client that waits of its place, and it skips them',
    goes: async (knock) => {
      knock.world.play(HELLO)
      const queue = await knock.world.busy()
      const coming = knock.open()
      await queue.told
      knock.ping()
      const response = await coming // the head is there, though nothing of the answer is
      assert.match(String(response.headers['x-realmesh-queue']), /^position=1, estimated-wait-ms=\d+$/)
      queue.free()
      const { text: said, finish } = await knock.read(response, true)
      assert.deepEqual([said, finish], ['Hello world', knock.door.ends.stop])
    },
  },

  'queue wait': {
    shows: 'is told at once, change by change, to those who ask, and they read the same answer',
    goes: async (knock) => {
      const loaded = Promise.withResolvers<void>()
      knock.world.play(async function* () {
        yield { kind: 'progress', fraction: 0.5, note: 'the model is loaded' }
        await loaded.promise
        yield* [text('Hello'), END]
      })
      const queue = await knock.world.busy()
      const response = await knock.open({}, { 'x-realmesh-events': 'queue' })
      const body = await knock.follow(response, {
        '"position":1,"estimated_wait_ms":': queue.free,
        '"progress":0.5,"note":"the model is loaded"': loaded.resolve,
      })
      // Not where the dialect numbers its events: what cannot be replayed has no number there.
      const { text: said, finish } = knock.door.stream(body.replaceAll(TOLD_WAIT, ''))
      assert.deepEqual([said, finish], ['Hello', knock.door.ends.stop])
    },
  },

  'continued answer': {
    shows: 'is one answer, though two rigs gave it',
    goes: async (knock) => {
      const stops = new RealmeshError('DRAINING', 'the rig is about to stop')
      const model = twinOf(knock.door)
      for (const stream of [false, true]) {
        knock.world.play(told([text(' one')], stops), told([text(' two'), END]))
        const { text: said, finish } = await knock.read(await knock.open({ stream, model }), stream)
        assert.deepEqual([said, finish], [' one two', knock.door.ends.stop])
        assert.equal(knock.world.rigs(), 2)
      }
    },
  },
}
