/**
 * Stubs of servers that hear and speak: what speaches 0.8.3, Kokoro-FastAPI, LocalAI, whisper.cpp's and Piper's own
 * servers were seen to answer, with their oddities.
 */
import type { ServerResponse } from 'node:http'
import type { StubKnobs } from './stub-knobs.ts'
import {
  clientGone,
  type StubRequest,
  type StubRoute,
  type StubRoutes,
  StubServer,
  sendJson,
  sendText,
} from './stub-server.ts'

/** What each recording says. */
export const SAID = 'And so my fellow Americans, ask not.'

/** A recording that no stub can read. */
export const UNREADABLE = 'no sound at all'

/** What is spoken, in so many pieces. */
export const SOUND_PIECES = 3
const PIECE = Buffer.alloc(64, 1)

/** One part of a form, by its name. */
export function partOf({ body }: Pick<StubRequest, 'body'>, name: string): string | undefined {
  return partsOf({ body }, name)[0]
}

export function partsOf({ body }: Pick<StubRequest, 'body'>, name: string): readonly string[] {
  const text = String(body['raw'] ?? '')
  const escaped = name.replace(/[[\]]/g, '\\$&')
  const part = new RegExp(
    `name="${escaped}"(?:; filename="[^"]*")?\r\n(?:Content-Type: [^\r]*\r\n)?\r\n([^]*?)\r\n--`,
    'g',
  )
  return [...text.matchAll(part)].map((match) => match[1] ?? '')
}

/** What happens to every query before it is answered: the journal, the failures, the pause. */
function query(answer: StubRoute, busy: (response: ServerResponse) => void): StubRoute {
  return async (request, response, stub) => {
    const { number, fails } = stub.nextQuery()
    stub.journal.write({ event: 'start', query: number, path: request.path, body: request.body })
    const gone = clientGone(response)
    gone.then(() => stub.journal.write({ event: 'cancel', query: number }))
    if (fails && stub.knobs.fail === 'busy') return busy(response)
    if (fails && stub.knobs.fail === 'error') return sendText(response, 500, 'Internal Server Error')
    if (fails && stub.knobs.fail === 'garbage') return sendText(response, 200, '<html>hello</html>', 'text/html')
    if (stub.knobs.pauseAfter >= 0) await stub.paused(gone)
    await answer(request, response, stub)
  }
}

const sayBusy = (response: ServerResponse): void => sendJson(response, 503, { detail: 'too many requests' })

/** Sound in pieces; with `cut` the connection ends in the middle of them. */
async function sendSound(
  response: ServerResponse,
  stub: StubServer,
  type: string,
  head: Uint8Array = Buffer.alloc(0),
): Promise<void> {
  response.writeHead(200, { 'content-type': type })
  response.write(head)
  for (let i = 0; i < SOUND_PIECES; i += 1) {
    if (stub.knobs.fail === 'cut' && i === 1) {
      response.destroy()
      return
    }
    await stub.write(response, PIECE)
  }
  response.end()
}

const TYPES: Readonly<Record<string, string>> = {
  mp3: 'audio/mpeg',
  opus: 'audio/opus',
  aac: 'audio/aac',
  flac: 'audio/flac',
  wav: 'audio/wav',
  pcm: 'audio/pcm',
}

const words = SAID.split(' ').map((word, i) => ({ word: ` ${word}`, start: i / 2, end: i / 2 + 0.5 }))
const segment = { id: 1, seek: 0, start: 0, end: 3.5, text: ` ${SAID}`, tokens: [400], avg_logprob: -0.1 }

function sendTranscript(request: StubRequest, response: ServerResponse, stub: StubServer): void {
  if (partOf(request, 'file') === UNREADABLE) {
    sendJson(response, 500, { detail: 'Failed to decode audio.' })
    return
  }
  if (stub.knobs.fail === 'cut') {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{"text":')
    response.destroy()
    return
  }
  if (partOf(request, 'stream') === 'true' && request.path.endsWith('transcriptions')) {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    const [first, rest] = [` ${SAID.slice(0, 11)}`, SAID.slice(11)]
    for (const delta of [first, rest]) {
      const event = { delta, type: 'transcript.text.delta', logprobs: null, segment_id: null }
      response.write(`data: ${JSON.stringify(event)}\n\n`)
    }
    // The text is empty there, whatever was heard.
    response.end(`data: {"text":"","type":"transcript.text.done","languages":null,"logprobs":null,"usage":null}\n\n`)
    return
  }
  if (partOf(request, 'response_format') !== 'verbose_json') {
    sendJson(response, 200, { text: SAID, languages: null, logprobs: null, usage: null })
    return
  }
  const wanted = partsOf(request, 'timestamp_granularities[]').includes('word')
  const told = { duration: 4.0, language: 'en', text: SAID, segments: [segment], usage: null }
  sendJson(response, 200, { ...told, words: wanted ? words : null })
}

async function sendSpeech(request: StubRequest, response: ServerResponse, stub: StubServer): Promise<void> {
  const type = TYPES[String(request.body['response_format'] ?? 'mp3')] ?? 'audio/mpeg'
  await sendSound(response, stub, type)
}

const openAiSound: StubRoutes = {
  'POST /v1/audio/transcriptions': query(sendTranscript, sayBusy),
  'POST /v1/audio/translations': query(sendTranscript, sayBusy),
  'POST /v1/audio/speech': query(sendSpeech, sayBusy),
}

const health: StubRoute = (_request, response) => sendJson(response, 200, { status: 'healthy' })

/** speaches: its list tells what each model is for, and the voices of those that speak. */
export function speachesStub(knobs: Partial<StubKnobs> = {}): StubServer {
  const entry = { created: 1, object: 'model', owned_by: 'x', language: ['en'] }
  const models = [
    { ...entry, id: 'Systran/faster-whisper-base', task: 'automatic-speech-recognition' },
    {
      ...entry,
      id: 'speaches-ai/piper-joe',
      task: 'text-to-speech',
      sample_rate: 22050,
      voices: [{ name: 'joe', id: 'joe' }],
    },
    { ...entry, id: 'silero_vad_v5', task: 'voice-activity-detection', language: null },
  ]
  return new StubServer(
    {
      'GET /v1/models': (_request, response) => sendJson(response, 200, { data: models, object: 'list' }),
      'GET /health': (_request, response) => sendJson(response, 200, { message: 'OK' }),
      'GET /api/ps': (_request, response) => sendJson(response, 200, { models: ['Systran/faster-whisper-base'] }),
      ...openAiSound,
    },
    knobs,
  )
}

/** Kokoro-FastAPI: one model under several names, and a list of voices. */
export function kokoroStub(knobs: Partial<StubKnobs> = {}): StubServer {
  const data = ['tts-1', 'kokoro'].map((id) => ({ id, object: 'model', created: 1, owned_by: 'kokoro' }))
  return new StubServer(
    {
      'GET /v1/models': (_request, response) => sendJson(response, 200, { object: 'list', data }),
      'GET /v1/audio/voices': (_request, response) =>
        sendJson(response, 200, { voices: ['af_heart', 'am_adam'].map((id) => ({ id, name: id })) }),
      'GET /health': health,
      'POST /v1/audio/speech': openAiSound['POST /v1/audio/speech'] ?? health,
    },
    knobs,
  )
}

/** LocalAI: a page tells what each model can do. */
export function localAiStub(knobs: Partial<StubKnobs> = {}): StubServer {
  const can: readonly (readonly [string, readonly string[]])[] = [
    ['ears', ['transcript']],
    ['mouth', ['tts']],
    ['head', ['chat', 'completion']],
  ]
  return new StubServer(
    {
      'GET /v1/models': (_request, response) =>
        sendJson(response, 200, { object: 'list', data: can.map(([id]) => ({ id, object: 'model' })) }),
      'GET /v1/models/capabilities': (_request, response) =>
        sendJson(response, 200, { object: 'list', data: can.map(([id, capabilities]) => ({ id, capabilities })) }),
      ...openAiSound,
    },
    knobs,
  )
}

/** Tokens, as whisper.cpp tells them where words are meant. */
const TOKENS = [' And', ' so', ' my', ' fell', 'ow', ' Americans', ',', ' ask', ' not', '.']

/** The server of whisper.cpp: a page for people, one for health, one for recordings. */
export function whisperCppStub(knobs: Partial<StubKnobs> = {}): StubServer {
  return new StubServer(
    {
      'GET /': (_request, response) =>
        sendText(response, 200, '<html>\n<head>\n<title>Whisper.cpp Server</title></head></html>', 'text/html'),
      'GET /health': (_request, response) => sendJson(response, 200, { status: 'ok' }),
      'POST /inference': query((request, response, stub) => {
        // The server's own error page replaces what it says of a recording.
        if (partOf(request, 'file') === UNREADABLE) return sendText(response, 400, 'Invalid request')
        if (stub.knobs.fail === 'cut') return sendTranscript(request, response, stub)
        const tokens = TOKENS.map((word, i) => ({ word, start: i / 4, end: i / 4 + 0.25, t_dtw: -1, probability: 0.9 }))
        const told = partOf(request, 'token_timestamps') === 'true' ? { words: tokens } : {}
        const speaker = partOf(request, 'diarize') === 'true' ? { speaker: '0' } : {}
        sendJson(response, 200, {
          task: partOf(request, 'translate') === 'true' ? 'translate' : 'transcribe',
          language: 'english',
          duration: 4,
          text: ` ${SAID}\n`,
          segments: [{ id: 0, text: ` ${SAID}`, start: 0, end: 3.5, ...speaker, ...told, temperature: 0 }],
        })
      }, sayBusy),
    },
    knobs,
  )
}

/** A WAV file of 22,050 samples per second and the length of all pieces. */
export function wavHead(bytes = SOUND_PIECES * PIECE.length): Buffer {
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(Math.min(36 + bytes, 0xffff_ffff), 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(22_050, 24)
  head.writeUInt32LE(44_100, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(bytes, 40)
  return head
}

/** Piper's own server: it calls a WAV file HTML, and knows no other format. */
export function piperStub(knobs: Partial<StubKnobs> = {}): StubServer {
  const voice = { audio: { sample_rate: 22050 }, espeak: { voice: 'en-us' }, phoneme_id_map: { ' ': [3] } }
  const voices = {
    'en_US-joe-medium': { ...voice, num_speakers: 1, speaker_id_map: {} },
    'en_GB-vctk-medium': { ...voice, num_speakers: 2, speaker_id_map: { p239: 0, p236: 1 } },
  }
  return new StubServer(
    {
      'GET /': (_request, response) => sendText(response, 200, '<title>Piper Web Server</title>', 'text/html'),
      'GET /info': (_request, response) => sendJson(response, 200, { last: null, voice: { name: 'en_US-joe-medium' } }),
      'GET /voices': (_request, response) => sendJson(response, 200, voices),
      'POST /synthesize': query(
        (_request, response, stub) => sendSound(response, stub, 'text/html; charset=utf-8', wavHead()),
        sayBusy,
      ),
    },
    knobs,
  )
}
