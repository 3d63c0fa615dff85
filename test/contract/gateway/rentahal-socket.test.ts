/** RENT-A-HAL's socket as its users meet it: every message both ways, in order. */
import assert from 'node:assert/strict'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { hashKey, userOfHash } from '../../../gateway/door/credentials.ts'
import { FAKE_START, failing, scripted } from '../../support/fake-node.ts'
import { GREETING, type HalMessage } from '../../support/rentahal-client.ts'
import { answered, HalHouse, modelFor, picturesAsked, textAsked, worker } from '../../support/rentahal-house.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const types = (messages: readonly HalMessage[]): readonly string[] => messages.map(({ type }) => type)

describe('the socket of RENT-A-HAL’s users', () => {
  let house: HalHouse
  beforeEach(async () => {
    house = new HalHouse()
    await house.start()
  })
  afterEach(() => house.stop())

  describe('at first', () => {
    it('names a browser that has no cookie, and says in order what the original says', async () => {
      await house.client({ guid: 'the-sysop' })
      const client = await house.client()
      assert.deepEqual(types(client.greeting), ['set_cookie', ...GREETING])
      assert.deepEqual(Object.keys(client.greeting[0] ?? {}), ['type', 'name', 'value'])
      assert.equal(client.greeting[0]?.name, 'user_guid')
      assert.match(client.guid, UUID)
      const data = client.greeting[1]?.data
      assert.deepEqual(Object.keys(data), [
        ...['guid', 'nickname', 'is_sysop', 'total_query_time', 'total_cost', 'is_banned', 'query_count'],
      ])
      assert.equal(data.guid, client.guid)
      assert.deepEqual([data.is_sysop, data.is_banned], [false, false])
      assert.deepEqual([data.total_query_time, data.total_cost, data.query_count], [0, 0, 0])
      const words = client.greeting.flatMap(({ type, message }) => (type === 'sysop_message' ? [message] : []))
      assert.deepEqual(words, [
        'Your recent queries:\n',
        'Your total lifetime costs: $0.00',
        'System-wide total lifetime costs: $0.00',
        'Average query service times:\nChat: 0.00s\nVision: 0.00s\nImagine: 0.00s\nSpeech_in: 0.00s\nSpeech_out: 0.00s',
        'Currently connected users: 2\nMost users ever connected: 2',
        `Connected users:\nNick: user-1, Queries: 0, Total cost: $0.00\nNick: user-2, Queries: 0, Total cost: $0.00`,
      ])
    })

    it('knows a browser by its cookie, with what its user did before', async () => {
      house.node.users.change('me', { queryCount: 3, totalTimeMs: 1_500, totalCost: 0.0315 })
      house.node.users.sums = {
        ...{ queries: 4, timeMs: 3_000, cost: 0.5, mostConnected: 7 },
        byType: { chat: { queries: 2, timeMs: 3_000 }, speak: { queries: 1, timeMs: 250 } },
      }
      const prompt = 'a prompt of more than thirty characters'
      const row = { realm: '$CHAT', model: '', promptTokens: 1, completionTokens: 1, outcome: 'served' }
      house.node.users.past.set('me', [
        {
          ...row,
          id: 'b',
          type: 'chat',
          modelServed: '<b>tiny',
          startedAt: 1_700_000_000_000,
          tookMs: 1_500,
          cost: 0.0115,
          prompt,
        },
        { ...row, id: 'f', type: 'chat', startedAt: 1_600_000_001_000, tookMs: 9, cost: 0, outcome: 'NO_WORKER' },
        { ...row, id: 'a', type: 'imagine', startedAt: 1_600_000_000_000, tookMs: 250, cost: 0.01 },
      ])
      const client = await house.client({ guid: 'me' })
      assert.deepEqual(types(client.greeting).slice(0, 2), ['user_info', 'sysop_message'])
      const words = client.greeting.map(({ message }) => message)
      assert.equal(
        words[1],
        'Your recent queries:\nQuery: a prompt of more than thirty c... Time: 1.50s\nQuery: ... Time: 0.25s',
      )
      assert.equal(words[2], 'Your total lifetime costs: $0.03')
      assert.equal(words[3], 'System-wide total lifetime costs: $0.50')
      assert.match(words[4], /^Average query service times:\nChat: 1.50s\nVision: 0.00s\n.*\nSpeech_out: 0.25s$/s)
      assert.equal(words[5], 'Currently connected users: 1\nMost users ever connected: 7')
      const previous = client.greeting.find(({ type }) => type === 'previous_queries')
      assert.deepEqual(previous?.data[0], {
        ...{ id: 1_700_000_000_000, user_guid: 'me', query_type: 'chat', model_type: 'worker_node' },
        ...{
          model_name: '&lt;b&gt;tiny',
          prompt,
          processing_time: 1.5,
          cost: 0.0115,
          timestamp: '2023-11-14 22:13:20',
        },
      })
      assert.equal(previous?.data.length, 2)
      assert.equal(previous?.data[1].prompt, '')
      client.send({ type: 'get_previous_queries' })
      assert.deepEqual(await client.next(), previous)
    })

    for (const [what, guid] of [
      ['the local user’s name', 'local'],
      ['the name of a key’s user', 'key-0123456789abcdef'],
      ['markup', '<script>'],
      ['a text without end', 'x'.repeat(129)],
    ] as const) {
      it(`gives a new name where the cookie holds ${what}`, async () => {
        const client = await house.client({ guid })
        assert.equal(client.greeting[0]?.type, 'set_cookie')
        assert.match(client.guid, UUID)
      })
    }

    it('makes the first user of the home its sysop, once', async () => {
      const first = await house.client({ guid: 'first' })
      assert.equal(first.greeting[0]?.data.is_sysop, true)
      assert.deepEqual(first.greeting.at(-1), { type: 'active_users', users: ['first'] })
      const second = await house.client({ guid: 'second' })
      assert.equal(second.greeting[0]?.data.is_sysop, false)
    })
  })

  describe('where a key is needed', () => {
    const key = 'sk-of-a-user'
    const user = userOfHash(hashKey(key))
    it('knows the user of the key, whatever the cookie says, and makes nobody a sysop', async () => {
      await house.stop()
      await house.start({ apiKeys: [{ hash: hashKey(key) }] })
      const carried = [
        { headers: { authorization: `Bearer ${key}` } },
        { headers: { 'x-api-key': key }, guid: 'somebody' },
        { protocols: ['realmesh', `openai-insecure-api-key.${key}`] },
      ]
      for (const init of carried) {
        const client = await house.client(init)
        assert.equal(client.greeting[0]?.type, 'user_info')
        assert.equal(client.greeting[0]?.data.guid, user)
        assert.equal(client.greeting[0]?.data.is_sysop, false)
      }
      await assert.rejects(house.client({ guid: 'me' }), { status: 401 })
    })

    it('lets visitors in by their cookie where the owner opens the door, and not far', async () => {
      await house.stop()
      await house.start({ apiKeys: [{ hash: hashKey(key) }], openToVisitors: true })
      const client = await house.client({ guid: 'me' })
      assert.equal(client.greeting[0]?.data.is_sysop, false)
      assert.equal((await client.ask({ prompt: 'hi' })).at(-2)?.result, 'answer to hi')
      assert.equal(house.node.asked[0]?.scopeLimit, 'home')
      await assert.rejects(house.client({ headers: { 'x-api-key': 'sk-wrong' } }), { status: 401 })
    })

    it('ends where the key is taken back', async () => {
      const before = await house.client({ guid: 'me' })
      house.gateway.gateway.takeKeys([{ hash: hashKey(key) }])
      before.send({ type: 'submit_query', query: { prompt: 'hi', query_type: 'chat' } })
      assert.match((await before.next()).message, /API key is missing/)
      assert.equal(house.node.asked.length, 0)
    })
  })

  describe('a query', () => {
    it('is told of before, while and after, with its time and its price', async () => {
      const client = await house.client()
      assert.deepEqual(await client.ask({ prompt: 'hi' }), [
        { type: 'queue_update', depth: 1, total: 0 },
        { type: 'queue_update', depth: 1, total: 0 },
        { type: 'query_result', result: 'answer to hi', result_type: 'text', processing_time: 0.5, cost: 0.0105 },
        { type: 'queue_update', depth: 0, total: 0 },
      ])
      const again = await house.client({ guid: client.guid })
      const costs = again.greeting.find(({ message }) => message?.startsWith('Connected users'))
      assert.match(costs?.message, /Queries: 1, Total cost: \$0.01/)
    })

    it('is answered as RENT-A-HAL’s own document types it, with a line break in the frame', async () => {
      const client = await house.client()
      client.socket.send(`{ "type": "submit_query", "query": { "prompt": "Hello, MTOR!",  
"query_type": "chat", "model_type": "huggingface", "model_name":  
"gpt2" } }`)
      const result = await client.nextOf('query_result')
      assert.equal(result.result, 'answer to Hello, MTOR!')
      assert.deepEqual(
        house.node.asked.map(({ model, user }) => [model, user]),
        [['', client.guid]],
      )
    })

    it('takes the model that it names where there is one, and a worker’s name for what that worker has', async () => {
      house.node.listed = [modelFor('tiny:latest', 'chat'), modelFor('big:70b', 'chat'), modelFor('eye', 'vision')]
      house.node.workers = [worker('desk', ['big:70b', 'eye'])]
      const client = await house.client()
      for (const name of ['tiny', 'desk', 'desk (vision)', 'eye', '2070sLABCHAT', 'claude-2.1', '']) {
        await client.ask({ prompt: 'hi', model_name: name })
      }
      assert.deepEqual(
        house.node.asked.map(({ model }) => model),
        ['tiny:latest', 'big:70b', '', '', '', '', ''],
      )
    })

    it('gives a picture to the engine as it came, and takes vision without one as a chat', async () => {
      const client = await house.client()
      const image = Buffer.from('a webp').toString('base64')
      const told = await client.ask({ prompt: 'see', query_type: 'vision', image, model_name: 'default_vision_model' })
      assert.equal(told.at(-2)?.result, 'answer to see')
      await client.ask({ prompt: 'Analyze image', query_type: 'vision', model_type: 'clip' })
      assert.deepEqual(house.node.asked.map(picturesAsked), [[image], []])
    })

    it('draws a picture, which comes as base64 without a head', async () => {
      const client = await house.client()
      const told = await client.ask({ prompt: 'a cat', query_type: 'imagine', model_type: 'stable_diffusion' })
      const drawn = told.at(-2)
      assert.deepEqual([Buffer.from(drawn?.result, 'base64').toString(), drawn?.result_type], ['PNG', 'image'])
    })

    it('that is a recording is written down and answered, and costs both', async () => {
      const client = await house.client()
      const audio = Buffer.from('webm').toString('base64')
      const told = await client.ask({ prompt: '', query_type: 'speech', audio })
      assert.deepEqual(told.at(-2), {
        ...{ type: 'query_result', result: 'answer to what was said', result_type: 'text' },
        ...{ processing_time: 1, cost: 0.021 },
      })
      const [heard] = house.node.asked
      assert.equal(heard?.type === 'transcribe' && Buffer.from(heard.body.audio).toString(), 'webm')
    })

    it('that wants speech is answered with a sound', async () => {
      const client = await house.client()
      const told = await client.ask({ prompt: 'hi', model_type: 'speech' })
      const spoken = told.at(-2)
      assert.deepEqual([Buffer.from(spoken?.result, 'base64').toString(), spoken?.result_type], ['WAV', 'audio'])
      assert.deepEqual(
        house.node.asked.map((asked) => (asked.type === 'speak' ? asked.body : asked.type)),
        ['chat', { text: 'answer to hi', format: 'wav' }],
      )
    })

    it('may not bring markup into the page, but for code between fences, which the page escapes itself', async () => {
      const fence = '```html\n<b>&amp;</b>\n```'
      const text = `<img src=x onerror="steal('${'`'}')">&${fence}<script>`
      house.node.script = scripted(FAKE_START, { kind: 'text', text }, { kind: 'end', finishReason: 'stop' })
      const client = await house.client()
      const told = await client.ask({ prompt: 'hi' })
      assert.equal(
        told.at(-2)?.result,
        `&lt;img src=x onerror=&quot;steal(&#39;${'`'}&#39;)&quot;&gt;&amp;${fence}&lt;script&gt;`,
      )
    })

    const failures = [
      ['NO_WORKER', '500: Error processing query: 503: No available worker nodes'],
      ['CAPABILITY_MISSING', '500: Error processing query: 503: No available worker nodes'],
      ['REALM_OVERLOADED', 'Queue is full, please try again later'],
      ['TERMINATED', 'Query terminated by a sysop'],
      ['ENGINE_FAILED', /^500: Error processing query: 502: /],
    ] as const
    for (const [code, words] of failures) {
      it(`that fails with ${code} is an error and costs nothing`, async () => {
        house.node.script = failing(new RealmeshError(code, 'why'))
        const client = await house.client()
        const told = await client.ask({ prompt: 'hi' })
        assert.deepEqual(types(told), ['queue_update', 'error', 'queue_update'])
        const message = told[1]?.message
        if (typeof words === 'string') assert.equal(message, words)
        else assert.match(message, words)
        assert.deepEqual(told.at(-1), { type: 'queue_update', depth: 0, total: 0 })
        client.send({ type: 'set_nickname', nickname: 'still here' })
        assert.equal((await client.next()).data.query_count, 0)
      })
    }

    it('of a type that no realm takes finds no worker', async () => {
      const client = await house.client()
      const told = await client.ask({ prompt: 'hi', query_type: 'telepathy' })
      assert.equal(told.at(-2)?.message, '500: Error processing query: 503: No available worker nodes')
    })

    it('does not wait for another of the same socket', async () => {
      const gate = Promise.withResolvers<void>()
      house.node.script = async function* (request) {
        if (textAsked(request) === 'slow') await gate.promise
        yield* answered(request)
      }
      const client = await house.client()
      client.send({ type: 'submit_query', query: { prompt: 'slow', query_type: 'chat' } })
      const told = await client.ask({ prompt: 'quick' })
      assert.equal(told.find(({ type }) => type === 'query_result')?.result, 'answer to quick')
      assert.equal(told.at(-1)?.depth, 1)
      gate.resolve()
      assert.equal((await client.nextOf('query_result')).result, 'answer to slow')
    })

    it('ends when its socket closes', async () => {
      const left = Promise.withResolvers<void>()
      house.node.script = async function* (_request, signal) {
        yield FAKE_START
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
        left.resolve()
        throw new RealmeshError('CANCELLED', 'gone')
      }
      const client = await house.client()
      client.send({ type: 'submit_query', query: { prompt: 'hi', query_type: 'chat' } })
      await client.nextOf('queue_update')
      client.leave()
      await left.promise
    })
  })

  it('hears and speaks', async () => {
    const client = await house.client()
    client.send({ type: 'speech_to_text', audio: Buffer.from('webm').toString('base64') })
    assert.deepEqual(await client.next(), { type: 'transcription_result', text: 'what was said' })
    client.send({ type: 'text_to_speech', text: 'say it' })
    assert.deepEqual(await client.next(), { type: 'speech_result', audio: Buffer.from('WAV').toString('base64') })
    house.node.script = failing(new RealmeshError('NO_WORKER', 'none'))
    client.send({ type: 'speech_to_text', audio: 'AAAA' })
    const failed = 'Error in speech to text processing: 503: No available worker nodes'
    assert.deepEqual(await client.next(), { type: 'error', message: failed })
    client.send({ type: 'text_to_speech', text: 'say it' })
    assert.match((await client.next()).message, /^Error in text to speech processing: 503: /)
  })

  it('takes a nickname once, and goes on for everybody', async () => {
    const [one, two] = [await house.client(), await house.client()]
    one.send({ type: 'set_nickname', nickname: 'Hal' })
    assert.equal((await one.next()).data.nickname, 'Hal')
    two.send({ type: 'set_nickname', nickname: 'hal' })
    assert.deepEqual(await two.next(), { type: 'error', message: 'Nickname already taken' })
    two.send({ type: 'set_nickname', nickname: 'Dave' })
    const info = await two.next()
    assert.deepEqual([info.type, info.data.nickname], ['user_info', 'Dave'])
  })

  it('answers what it cannot read in the words of the original, and stays open', async () => {
    const client = await house.client()
    const rows: readonly (readonly [string | Buffer, string | RegExp])[] = [
      ['{"type":"nonsense"}', 'Unknown message type'],
      ['{"type":"ping"}', 'Unknown message type'],
      ['{}', 'Unknown message type'],
      ['{"type":"__proto__"}', 'Unknown message type'],
      ['{"type":"toString"}', 'Unknown message type'],
      ['not json', /JSON/],
      ['[1]', /JSON object/],
      ['{"type":"set_nickname"}', "'nickname'"],
      ['{"type":"submit_query"}', "'query'"],
      ['{"type":"submit_query","query":{"prompt":"hi"}}', 'Query missing query_type'],
      ['{"type":"submit_query","query":{"prompt":1,"query_type":2}}', /^2 validation errors for Query\nprompt\n/],
      ['{"type":"submit_query","query":{"prompt":"","query_type":"speech"}}', /recording is missing/],
      ['{"type":"vision_chunk"}', "'chunk_id'"],
      [Buffer.from('{}'), /text frame/],
    ]
    for (const [sent, expected] of rows) {
      client.socket.send(sent, { binary: typeof sent !== 'string' })
      const { message } = await client.nextOf('error')
      if (typeof expected === 'string') assert.equal(message, expected)
      else assert.match(message, expected)
    }
    client.send({ type: 'pong' })
    assert.equal((await client.ask({ prompt: 'hi' })).at(-1)?.type, 'queue_update')
  })
})
