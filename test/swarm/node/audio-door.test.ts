/** Recordings and speech at the door of a node that has no engine: its peer hears and speaks, piece by piece. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI, { toFile } from 'openai'
import { silentLogger } from '../../../core/logger.ts'
import { MAX_AUDIO_BYTES } from '../../../core/query/query-limits.ts'
import { createGateway, type Gateway } from '../../../gateway/gateway.ts'
import { type NodePair, nodePair } from '../../support/node-pair.ts'
import { HEARD_TEXT, simulatedEngine, simulatedModel } from '../../support/simulated-engine.ts'

const MODEL = 'all'

describe('recordings and speech through a peer', () => {
  const engine = simulatedEngine([simulatedModel(MODEL, ['transcribe', 'speak'])])
  let folder: string
  let pair: NodePair
  let gateway: Gateway
  let client: OpenAI

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'realmesh-audio-'))
    pair = await nodePair({ folder, engine })
    const init = { host: '127.0.0.1', port: 0, apiKeys: [], version: '0.0.0-test', drainMs: 1_000 }
    gateway = createGateway({ node: pair.asker, log: silentLogger }, init)
    await gateway.start()
    client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'sk-none', maxRetries: 0 })
  })
  after(async () => {
    await gateway.stop()
    await pair.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('a recording is written down, and the head names the peer', async () => {
    const file = await toFile(Buffer.alloc(300_000, 5), 'Talk with Ada.ogg', { type: 'audio/ogg' })
    const { data, response } = await client.audio.transcriptions
      .create({ model: MODEL, file, response_format: 'verbose_json', timestamp_granularities: ['word'] })
      .withResponse()
    assert.deepEqual([data.text, data.duration, data.words?.length], [HEARD_TEXT, 3, 6])
    assert.equal(response.headers.get('x-realmesh-node'), pair.rig.peerId)
    const query = engine.runs.at(-1)?.query
    assert.ok(query?.type === 'transcribe')
    assert.deepEqual([query.body.audio.byteLength, query.body.fileName], [300_000, 'recording.ogg'])
  })

  it('the longest recording that there may be arrives whole', async () => {
    const file = await toFile(Buffer.alloc(MAX_AUDIO_BYTES, 7), 'long.mp3')
    const heard = await client.audio.transcriptions.create({ model: MODEL, file })
    assert.equal(heard.text, HEARD_TEXT)
    const query = engine.runs.at(-1)?.query
    assert.ok(query?.type === 'transcribe' && query.body.audio.byteLength === MAX_AUDIO_BYTES)
    assert.ok(query.body.audio.every((byte) => byte === 7))
  })

  it('a transcript comes in pieces', async () => {
    const file = await toFile(Buffer.from('sound'), 'a.wav')
    const stream = await client.audio.transcriptions.create({ model: MODEL, file, stream: true })
    let text = ''
    for await (const event of stream) if (event.type === 'transcript.text.delta') text += event.delta
    assert.equal(text, HEARD_TEXT)
  })

  it('a text is spoken, with a voice that the list has', async () => {
    const { voices } = (await (await fetch(`${gateway.url}/v1/audio/voices`)).json()) as { voices: { id: string }[] }
    const voice = voices.at(-1)?.id ?? ''
    const response = await client.audio.speech.create({ model: MODEL, voice, input: 'hello', response_format: 'pcm' })
    assert.equal(response.headers.get('content-type'), 'audio/pcm;rate=24000')
    assert.equal(response.headers.get('x-realmesh-node'), pair.rig.peerId)
    assert.equal(Buffer.from(await response.arrayBuffer()).toString(), 'nova:hello')
  })
})
