/** Recordings and speech at the door of a node that has no engine: its peer hears and speaks, piece by piece. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toFile } from 'openai'
import { MAX_AUDIO_BYTES } from '../../../core/query/query-limits.ts'
import { type PeerDoor, startPeerDoor } from '../../support/peer-door.ts'
import { HEARD_TEXT, simulatedEngine, simulatedModel } from '../../support/simulated-engine.ts'

const MODEL = 'all'

describe('recordings and speech through a peer', () => {
  const engine = simulatedEngine([simulatedModel(MODEL, ['transcribe', 'speak'])])
  let folder: string
  let door: PeerDoor

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'realmesh-audio-'))
    door = await startPeerDoor(folder, engine)
  })
  after(async () => {
    await door.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('a recording is written down, and the head names the peer', async () => {
    const file = await toFile(Buffer.alloc(300_000, 5), 'Talk with Ada.ogg', { type: 'audio/ogg' })
    const { data, response } = await door.client.audio.transcriptions
      .create({ model: MODEL, file, response_format: 'verbose_json', timestamp_granularities: ['word'] })
      .withResponse()
    assert.deepEqual([data.text, data.duration, data.words?.length], [HEARD_TEXT, 3, 6])
    assert.equal(response.headers.get('x-realmesh-node'), door.pair.rig.peerId)
    const query = engine.runs.at(-1)?.query
    assert.ok(query?.type === 'transcribe')
    assert.deepEqual([query.body.audio.byteLength, query.body.fileName], [300_000, 'recording.ogg'])
  })

  it('the longest recording that there may be arrives whole', async () => {
    const file = await toFile(Buffer.alloc(MAX_AUDIO_BYTES, 7), 'long.mp3')
    const heard = await door.client.audio.transcriptions.create({ model: MODEL, file })
    assert.equal(heard.text, HEARD_TEXT)
    const query = engine.runs.at(-1)?.query
    assert.ok(query?.type === 'transcribe' && query.body.audio.byteLength === MAX_AUDIO_BYTES)
    assert.ok(query.body.audio.every((byte) => byte === 7))
  })

  it('a transcript comes in pieces', async () => {
    const file = await toFile(Buffer.from('sound'), 'a.wav')
    const stream = await door.client.audio.transcriptions.create({ model: MODEL, file, stream: true })
    let text = ''
    for await (const event of stream) if (event.type === 'transcript.text.delta') text += event.delta
    assert.equal(text, HEARD_TEXT)
  })

  it('a text is spoken, with a voice that the list has', async () => {
    const { voices } = (await (await fetch(`${door.gateway.url}/v1/audio/voices`)).json()) as {
      voices: { id: string }[]
    }
    const voice = voices.at(-1)?.id ?? ''
    const response = await door.client.audio.speech.create({
      model: MODEL,
      voice,
      input: 'hello',
      response_format: 'pcm',
    })
    assert.equal(response.headers.get('content-type'), 'audio/pcm;rate=24000')
    assert.equal(response.headers.get('x-realmesh-node'), door.pair.rig.peerId)
    assert.equal(Buffer.from(await response.arrayBuffer()).toString(), 'nova:hello')
  })
})
