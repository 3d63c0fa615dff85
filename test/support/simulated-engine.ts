/**
 * An engine that answers every type of query, simulated: it computes nothing, and what it answers follows from what was
 * asked, so that a test can tell the answer of another query.
 */
import type { Model } from '../../core/model/model.ts'
import type { Query, QueryType } from '../../core/query/query.ts'
import type { ContentEvent, EndEvent } from '../../core/query/query-event.ts'
import type { SpeakBody, SpeechFormat, TranscribeBody } from '../../core/query/sound.ts'
import type { QueryRequest } from '../../node/api/node-api.ts'
import { FakeEngine, fakeModel } from './fake-engine.ts'
import { FAKE_START, type Script } from './fake-node.ts'

/** What is asked: of an engine, or of a node. */
type Asked = Pick<Query, 'type' | 'body'> | Pick<QueryRequest, 'type' | 'body'>

/** The text of every recording; each word takes half a second. */
export const HEARD_TEXT = 'the rig answers over the mesh'

const WORD_SECONDS = 0.5

const MEDIA_TYPES: Readonly<Record<SpeechFormat, string>> = {
  mp3: 'audio/mpeg',
  opus: 'audio/ogg',
  aac: 'audio/aac',
  flac: 'audio/flac',
  wav: 'audio/wav',
  pcm: 'audio/pcm;rate=24000',
}

/** The words that both have: a document that says more of the question's own words ranks higher. */
function likeness(query: string, document: string): number {
  const words = new Set(query.toLowerCase().split(/\W+/))
  const said = document.toLowerCase().split(/\W+/)
  return said.filter((word) => words.has(word)).length / Math.max(1, said.length)
}

function ranked(query: string, documents: readonly string[], topN = documents.length): readonly ContentEvent[] {
  return documents
    .map((document, index) => ({ kind: 'ranked' as const, index, score: likeness(query, document) }))
    .toSorted((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, topN)
}

/** Every word with the space before it is a token; its id is its length. */
export function simulatedTokens(text: string): { readonly ids: readonly number[]; readonly pieces: Uint8Array[] } {
  const pieces = (text.match(/\s*\S+|\s+$/g) ?? []).map((piece) => new TextEncoder().encode(piece))
  return { ids: pieces.map(({ byteLength }) => byteLength), pieces }
}

function heard({ words, segments, speakers }: TranscribeBody): readonly ContentEvent[] {
  const said = HEARD_TEXT.split(' ')
  const at = (index: number): { start: number; end: number } => ({
    start: index * WORD_SECONDS,
    end: (index + 1) * WORD_SECONDS,
  })
  const segment: ContentEvent = {
    kind: 'segment',
    start: 0,
    end: said.length * WORD_SECONDS,
    text: HEARD_TEXT,
    ...(words === true && { words: said.map((word, index) => ({ word, ...at(index) })) }),
    ...(speakers === true && { speaker: 'SPEAKER_00' }),
  }
  const wanted = segments === true || words === true || speakers === true
  const spoken = said.map((word, i): ContentEvent => ({ kind: 'text', text: i === 0 ? word : ` ${word}` }))
  return [...spoken, ...(wanted ? [segment] : [])]
}

/** The text itself, as if it were sound: its bytes, in two pieces. */
function spoken({ text, format, voice = 'alloy' }: SpeakBody): readonly ContentEvent[] {
  const data = new TextEncoder().encode(`${voice}:${text}`)
  const half = Math.ceil(data.byteLength / 2)
  const mediaType = MEDIA_TYPES[format]
  return [data.subarray(0, half), data.subarray(half)].map((data) => ({ kind: 'audio', mediaType, data }))
}

/** The content of the simulated answer. */
export function simulatedContent(asked: Asked): readonly ContentEvent[] {
  switch (asked.type) {
    case 'chat':
    case 'vision':
      return [{ kind: 'text', text: 'simulated' }]
    case 'imagine':
      return [{ kind: 'image', index: 0, mediaType: 'image/png', data: Uint8Array.of(137, 80, 78, 71) }]
    case 'embed': {
      const { inputs } = asked.body as { readonly inputs: readonly string[] }
      return inputs.map((text, index) => ({ kind: 'embedding', index, vector: Float32Array.of(text.length, 1) }))
    }
    case 'rerank': {
      const { query, documents, topN } = asked.body as { query: string; documents: readonly string[]; topN?: number }
      return ranked(query, documents, topN)
    }
    case 'tokens':
      return tokensOf(asked)
    case 'transcribe':
      return heard(asked.body as TranscribeBody)
    case 'speak':
      return spoken(asked.body as SpeakBody)
  }
}

function tokensOf(asked: Asked): readonly ContentEvent[] {
  const body = asked.body as Extract<Query, { readonly type: 'tokens' }>['body']
  if (body.ids !== undefined) return [{ kind: 'text', text: body.ids.join(' ') }]
  const text = body.text ?? JSON.stringify(body.chat)
  const { ids, pieces } = simulatedTokens(text)
  const detail = body.detail ?? 'count'
  return [
    {
      kind: 'tokens',
      count: ids.length,
      ...(detail !== 'count' && { ids }),
      ...(detail === 'pieces' && { pieces }),
    },
  ]
}

/** The end of the simulated answer. */
export function simulatedEnd({ type }: Pick<Asked, 'type'>): EndEvent {
  const seconds = HEARD_TEXT.split(' ').length * WORD_SECONDS
  const heard = type === 'transcribe' ? { heard: { language: 'en', seconds } } : {}
  return { kind: 'end', finishReason: 'stop', usage: { promptTokens: 3, completionTokens: 1 }, ...heard }
}

/** For `FakeNode`: it answers all that doors may ask. */
export const simulatedScript: Script = async function* (request) {
  yield FAKE_START
  yield* simulatedContent(request)
  yield simulatedEnd(request)
}

/** A model of the types; one that speaks names two voices. */
export function simulatedModel(name: string, types: readonly QueryType[]): Model {
  return fakeModel(name, { types, ...(types.includes('speak') && { voices: ['alloy', 'nova'] }) })
}

/** An engine with the models; each run is answered at once. */
export function simulatedEngine(models: readonly Model[], url?: string): FakeEngine {
  const engine = new FakeEngine({ kind: 'simulated', models, slots: 4, ...(url !== undefined && { url }) })
  engine.script = (run) => {
    for (const event of simulatedContent(run.query)) run.push(event)
    run.push(simulatedEnd(run.query))
  }
  return engine
}
