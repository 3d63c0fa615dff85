/** RENT-A-HAL's REST as its clients and its hosts speak it: whose body it is, bare answers, FastAPI's errors. */
import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { hashKey } from '../../../gateway/door/credentials.ts'
import { answering, FAKE_START, failing, listedModel, type Script, scripted } from '../../support/fake-node.ts'
import { HELLO, type Received, type StartedGateway, send, startGateway } from '../../support/started-gateway.ts'

const END: QueryEvent = { kind: 'end', finishReason: 'stop' }
const PNG = Buffer.from('a picture')
const WAV = Buffer.from('a sound')
const QUESTION = { prompt: 'Test', query_type: 'chat' }

/** A node that does every type. */
const ofType: Script = (request) => {
  const { type } = request
  if (type === 'imagine') {
    return scripted(FAKE_START, { kind: 'image', index: 0, mediaType: 'image/png', data: PNG }, END)(request, NEVER)
  }
  if (type === 'transcribe') return answering(' what was said ')(request, NEVER)
  if (type === 'speak') {
    return scripted(FAKE_START, { kind: 'audio', mediaType: 'audio/wav', data: WAV }, END)(request, NEVER)
  }
  return answering('Hello', ' world')(request, NEVER)
}
const NEVER = new AbortController().signal

describe('RENT-A-HAL’s REST', () => {
  let started: StartedGateway
  beforeEach(async () => {
    started = await startGateway()
    started.node.script = ofType
  })
  afterEach(() => started.gateway.stop())

  const post = (path: string, body: unknown): Promise<Received> => send(started.port, { path, body })
  const last = () => started.node.asked.at(-1)

  /** The five of its own load test, which names models that no rig has. */
  const LOADS: readonly (readonly [path: string, body: object, answer: string])[] = [
    ['/api/chat', QUESTION, 'Hello world'],
    ['/api/chat', { ...QUESTION, model_type: 'huggingface', model_name: 'gpt2' }, 'Hello world'],
    ['/api/vision', { prompt: 'Analyze image', query_type: 'vision', model_type: 'clip' }, 'Hello world'],
    [
      '/api/imagine',
      { prompt: 'Generate image', query_type: 'imagine', model_type: 'stable_diffusion' },
      PNG.toString('base64'),
    ],
    ['/api/chat', { ...QUESTION, model_type: 'speech', model_name: '' }, WAV.toString('base64')],
  ]
  for (const [path, body, answer] of LOADS) {
    it(`answers ${JSON.stringify(body)} at ${path} with a bare text`, async () => {
      const { status, headers, text } = await post(path, body)
      assert.equal(status, 200, text)
      assert.equal(headers['content-type'], 'application/json; charset=utf-8')
      assert.equal(text, JSON.stringify(answer))
    })
  }

  it('takes a model’s name for a hint, and says so where nothing is called so', async () => {
    const other = await post('/api/chat', { ...QUESTION, model_type: 'claude', model_name: 'claude-2.1', mood: 1 })
    assert.equal(last()?.model, '')
    assert.equal(other.headers['x-realmesh-ignored'], 'model_type, model_name, mood')
    const known = await post('/api/chat', { ...QUESTION, model_name: 'tiny' })
    assert.equal(last()?.model, 'tiny:latest')
    assert.equal(known.headers['x-realmesh-ignored'], undefined)
    await post('/api/imagine', { ...QUESTION, model_name: 'tiny' }) // which does not draw
    assert.equal(last()?.model, '')
  })

  it('shows a picture to a model that sees, and overwrites the type at /api/vision', async () => {
    await post('/api/vision', { ...QUESTION, image: PNG.toString('base64') })
    const asked = last()
    assert.equal(asked?.type, 'chat')
    assert.deepEqual(asked?.type === 'chat' && asked.body.messages[0]?.content, [
      { type: 'text', text: 'Test' },
      { type: 'image', mediaType: 'image/png', data: PNG.toString('base64') },
    ])
  })

  it('writes a recording down, and speaks a text', async () => {
    const audio = Buffer.from('webm').toString('base64')
    assert.equal((await post('/api/whisper', { ...QUESTION, audio })).text, '"what was said"')
    const [heard] = started.node.asked
    assert.deepEqual(heard?.type === 'transcribe' && [heard.body.mediaType, String(heard.body.audio)], [
      'audio/webm',
      'webm',
    ])
    assert.equal((await post('/api/bark', QUESTION)).text, JSON.stringify(WAV.toString('base64')))
    const spoken = last()
    assert.deepEqual(spoken?.type === 'speak' && spoken.body, { text: 'Test', format: 'wav' })
  })

  it('hears, answers and speaks in turn where a spoken query wants speech', async () => {
    const body = { prompt: '', query_type: 'speech', model_type: 'speech', audio: Buffer.from('x').toString('base64') }
    const { status, text, headers } = await post('/api/chat', body)
    assert.deepEqual([status, text], [200, JSON.stringify(WAV.toString('base64'))])
    assert.deepEqual(
      started.node.asked.map(({ type }) => type),
      ['transcribe', 'chat', 'speak'],
    )
    const [, chat, speak] = started.node.asked
    assert.equal(chat?.type === 'chat' && chat.body.messages[0]?.content, 'what was said')
    assert.equal(speak?.type === 'speak' && speak.body.text, 'Hello world')
    assert.equal(headers['x-realmesh-query'], 'q-1')
  })

  describe('at the path that it shares with Ollama', () => {
    it('tells whose a body is, and answers in that dialect', async () => {
      const ollama = await post('/api/chat', { ...HELLO, stream: false })
      assert.equal((JSON.parse(ollama.text) as { message: object }).message instanceof Object, true)
      const streamed = await post('/api/chat', HELLO)
      assert.match(streamed.headers['content-type'] ?? '', /^application\/x-ndjson/)
      const both = await post('/api/chat', { ...HELLO, ...QUESTION, stream: false })
      assert.ok('message' in JSON.parse(both.text), 'messages win')
      assert.equal((await post('/api/chat', { model: 'tiny', ...QUESTION })).text, '"Hello world"')
    })

    it('finds no worker where nothing within reach can do what its type asks for, and says beside it what is missing', async () => {
      started.node.script = failing(new RealmeshError('CAPABILITY_MISSING', 'nothing here draws'))
      const { status, text } = await post('/api/imagine', { prompt: 'a cat', query_type: 'imagine' })
      const { detail, code, message } = JSON.parse(text) as Record<string, string>
      assert.deepEqual(
        [status, detail, code, message],
        [500, 'Error processing query: 503: No available worker nodes', 'capability_missing', 'nothing here draws'],
      )
    })

    it('fails in that dialect', async () => {
      started.node.script = failing(new RealmeshError('NO_WORKER', 'nobody is there', { fix: 'start an engine' }))
      const ollama = await post('/api/chat', { ...HELLO, stream: false })
      assert.equal(ollama.status, 503)
      const told = JSON.parse(ollama.text) as object
      assert.ok('error' in told && !('detail' in told))
      const rentAHal = await post('/api/chat', QUESTION)
      assert.equal(rentAHal.status, 500)
      assert.deepEqual(JSON.parse(rentAHal.text), {
        detail: 'Error processing query: 503: No available worker nodes',
        code: 'no_worker',
        message: 'nobody is there',
        fix: 'start an engine',
      })
    })

    it('gives a body that is nobody’s to both', async () => {
      for (const body of [{}, '{"a', '[]', { messages: 'x' }]) {
        const { status, text } = await post('/api/chat', body)
        const told = JSON.parse(text) as { detail: { loc: unknown[] }[]; error: string }
        assert.equal(status, 422, text)
        assert.equal(told.detail[0]?.loc[0], 'body')
        assert.equal(typeof told.error, 'string')
      }
    })
  })

  describe('refuses as FastAPI does', () => {
    // As FastAPI 0.1 with pydantic 2 answers the same bodies.
    const BODIES: readonly (readonly [body: unknown, details: readonly object[]])[] = [
      [
        { query_type: 'vision' },
        [{ type: 'missing', loc: ['body', 'prompt'], msg: 'Field required', input: { query_type: 'vision' } }],
      ],
      [
        {},
        [
          { type: 'missing', loc: ['body', 'prompt'], msg: 'Field required', input: {} },
          { type: 'missing', loc: ['body', 'query_type'], msg: 'Field required', input: {} },
        ],
      ],
      [
        { prompt: 1, query_type: null },
        [
          { type: 'string_type', loc: ['body', 'prompt'], msg: 'Input should be a valid string', input: 1 },
          { type: 'string_type', loc: ['body', 'query_type'], msg: 'Input should be a valid string', input: null },
        ],
      ],
      [
        '"a"',
        [
          {
            type: 'model_attributes_type',
            loc: ['body'],
            msg: 'Input should be a valid dictionary or object to extract fields from',
            input: 'a',
          },
        ],
      ],
      [
        '{"prompt":"a"',
        [
          {
            ...{ type: 'json_invalid', loc: ['body', 13], msg: 'JSON decode error', input: {} },
            ctx: { error: 'the body is not valid JSON' },
          },
        ],
      ],
    ]
    for (const [body, details] of BODIES) {
      it(`the body ${typeof body === 'string' ? body : JSON.stringify(body)}`, async () => {
        const { status, text } = await post('/api/vision', body)
        assert.equal(status, 422)
        assert.deepEqual((JSON.parse(text) as { detail: object[] }).detail, details)
      })
    }

    it('a path that is not there, and a method', async () => {
      for (const [path, status, detail] of [
        ['/api/sing', 404, 'Not Found'],
        ['/api/imagine', 405, 'Method Not Allowed'],
      ] as const) {
        const received = await send(started.port, { path, method: 'GET' })
        assert.deepEqual([received.status, (JSON.parse(received.text) as { detail: string }).detail], [status, detail])
      }
    })

    it('without repeating a picture to its sender', async () => {
      const { text } = await post('/api/vision', { image: 'A'.repeat(100_000), deep: { a: ['b'] } })
      assert.ok(text.length < 2_000)
    })

    it('a recording that is missing, a type that nobody takes, and a picture that is none', async () => {
      const told = async (path: string, body: object) => {
        const { status, text } = await post(path, { ...QUESTION, ...body })
        return [status, (JSON.parse(text) as { detail: unknown }).detail] as const
      }
      const [heard, missing] = await told('/api/whisper', {})
      assert.equal(heard, 422)
      assert.deepEqual((missing as { loc: string[] }[])[0]?.loc, ['body', 'audio'])
      assert.deepEqual(await told('/api/chat', { query_type: 'taste' }), [
        500,
        'Error processing query: 503: No available worker nodes',
      ])
      assert.equal((await told('/api/vision', { image: '!' }))[0], 422)
    })

    it('with the words of speech where that fails, and its own status where the request is at fault', async () => {
      started.node.script = failing(new RealmeshError('TIMEOUT', 'too slow'))
      const bark = JSON.parse((await post('/api/bark', QUESTION)).text) as { detail: string }
      assert.equal(bark.detail, 'Error in text to speech processing: 504: too slow')
      started.node.script = failing(new RealmeshError('SCOPE_REFUSED', 'not so far'))
      const { status, text } = await post('/api/chat', QUESTION)
      assert.deepEqual([status, (JSON.parse(text) as { detail: string }).detail], [403, 'not so far'])
    })
  })
})

describe('a worker of a RENT-A-HAL host', () => {
  let started: StartedGateway
  afterEach(() => started.gateway.stop())

  it('is healthy, and answers at /predict with and without a slash', async () => {
    started = await startGateway()
    assert.equal((await send(started.port, { path: '/health' })).status, 200)
    const body = { prompt: 'hi', type: 'chat', model_type: 'worker_node', model_name: '2070sLABCHAT' }
    for (const path of ['/predict', '/predict/']) {
      const { status, text } = await send(started.port, { path, body })
      assert.deepEqual([status, text], [200, '{"response":"Hello world"}'])
    }
    await send(started.port, { path: '/predict/', body: { prompt: 'see', image: PNG.toString('base64') } })
    const seen = started.node.asked.at(-1)
    assert.equal(seen?.type === 'chat' && seen.body.messages[0]?.content.length, 2)
  })

  it('asks for a key like every path, counts for its user, and is aborted with its client', async () => {
    const apiKeys = [{ hash: hashKey('sk-host') }]
    started = await startGateway({ apiKeys })
    const refused = await send(started.port, { path: '/predict', body: { prompt: 'hi' } })
    assert.deepEqual([refused.status, 'detail' in JSON.parse(refused.text)], [401, true])
    const aborted = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    started.node.script = async function* (_request, signal) {
      yield FAKE_START
      signal.addEventListener('abort', () => aborted.resolve())
      begun.resolve()
      await aborted.promise
    }
    const leaving = new AbortController()
    const asked = fetch(`${started.gateway.url}/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer sk-host' },
      body: '{"prompt":"hi"}',
      signal: leaving.signal,
    })
    asked.catch(() => {})
    await begun.promise
    leaving.abort()
    await aborted.promise
    assert.match(started.node.asked[0]?.user ?? '', /^key-/)
  })
})

describe('pictures in Automatic1111’s words', () => {
  let started: StartedGateway
  beforeEach(async () => {
    started = await startGateway()
    const drawer = listedModel('sdxl')
    started.node.listed = [listedModel('tiny:latest'), { ...drawer, model: { ...drawer.model, types: ['imagine'] } }]
    started.node.script = scripted(
      { ...FAKE_START, engine: 'automatic1111', model: 'sdxl' },
      { kind: 'image', index: 0, mediaType: 'image/png', data: PNG, seed: 7 },
      END,
    )
  })
  afterEach(() => started.gateway.stop())

  /** What a RENT-A-HAL host sends. */
  const HOST = {
    ...{ prompt: 'a cat', negative_prompt: '', steps: 50, sampler_name: 'Euler a', cfg_scale: 7 },
    ...{ width: 512, height: 512, seed: -1 },
  }

  it('are drawn as asked, and what is left out is named', async () => {
    const { status, headers, text } = await send(started.port, { path: '/sdapi/v1/txt2img', body: HOST })
    assert.equal(status, 200, text)
    const { images, parameters, info } = JSON.parse(text) as {
      images: string[]
      parameters: Record<string, unknown>
      info: string
    }
    assert.deepEqual(images, [PNG.toString('base64')])
    assert.equal(parameters['width'], 512)
    const told = JSON.parse(info) as Record<string, unknown>
    assert.deepEqual([told['seed'], told['all_seeds'], told['sd_model_name']], [7, [7], 'sdxl'])
    assert.deepEqual(told['infotexts'], ['a cat\nSteps: 50, CFG scale: 7, Seed: 7, Size: 512x512, Model: sdxl'])
    assert.equal(headers['x-realmesh-ignored'], 'sampler_name')
    const [asked] = started.node.asked
    assert.deepEqual(asked?.type === 'imagine' && asked.body, {
      ...{ prompt: 'a cat', width: 512, height: 512, steps: 50, guidance: 7 },
    })
  })

  it('come from the checkpoint that is named where there is one, several at once, from a seed', async () => {
    const body = {
      ...{ ...HOST, seed: 3, negative_prompt: 'dogs', batch_size: 2, n_iter: 2, enable_hr: false, subseed: -1 },
      override_settings: { sd_model_checkpoint: 'sdxl' },
    }
    const { headers } = await send(started.port, { path: '/sdapi/v1/txt2img', body })
    const [asked] = started.node.asked
    assert.equal(asked?.model, 'sdxl')
    assert.equal(headers['x-realmesh-ignored'], 'sampler_name')
    assert.deepEqual(asked?.type === 'imagine' && [asked.body.count, asked.body.seed, asked.body.negativePrompt], [
      4,
      3,
      'dogs',
    ])
    const other = { ...HOST, override_settings: { sd_model_checkpoint: 'of my disk' } }
    const ignored = (await send(started.port, { path: '/sdapi/v1/txt2img', body: other })).headers['x-realmesh-ignored']
    assert.equal(ignored, 'sampler_name, override_settings')
  })

  it('are refused by what is wrong with the wish', async () => {
    const refused = async (body: object): Promise<unknown[]> => {
      const { status, text } = await send(started.port, { path: '/sdapi/v1/txt2img', body })
      const { detail } = JSON.parse(text) as { detail: { loc: string[]; type: string }[] }
      return [status, detail[0]?.loc[1], detail[0]?.type]
    }
    assert.deepEqual(await refused({ width: 1e9 }), [422, 'width', 'value_error'])
    assert.deepEqual(await refused({ width: 'wide' }), [422, 'width', 'float_type'])
    assert.deepEqual(await refused({ batch_size: 8, n_iter: 8 }), [422, 'n_iter', 'value_error'])
  })

  it('come from models that are listed, while a look tells whether anything is drawn', async () => {
    const models = JSON.parse((await send(started.port, { path: '/sdapi/v1/sd-models' })).text) as object[]
    assert.deepEqual(models, [
      { title: 'sdxl', model_name: 'sdxl', hash: null, sha256: null, filename: 'sdxl', config: null },
    ])
    const { state } = JSON.parse((await send(started.port, { path: '/sdapi/v1/progress' })).text) as {
      state: { job_count: number }
    }
    assert.equal(state.job_count, 0)
  })
})
