/** What an engine heard, as query events: from one JSON object, OpenAI's `verbose_json` and what is near to it. */
import { defined } from '../../core/defined.ts'
import type { TranscribeQuery } from '../../core/query/query.ts'
import type { EndEvent, QueryEvent, SegmentEvent } from '../../core/query/query-event.ts'
import { MAX_VOICE_LENGTH } from '../../core/query/query-limits.ts'
import type { Heard, HeardWord, TranscribeBody } from '../../core/query/sound.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { garbage } from '../http/http-errors.ts'
import { asCount, asNumber, asObject, asString, type JsonObject, objectsOf } from '../http/json-shape.ts'

/**
 * The text, the segments where they were asked for, then the end. Throws `ENGINE_GARBAGE` for what is no transcript,
 * and `CAPABILITY_MISSING` where segments, words or speakers were asked for and the engine told none.
 */
export function* transcriptEvents(engine: string, { body }: TranscribeQuery, reply: unknown): Generator<QueryEvent> {
  const told = asObject(reply)
  const text = asString(told?.['text'])?.trim()
  if (told === undefined || text === undefined) throw garbage(engine, 'a transcript without text')
  const segments = segmentsOf(told, body)
  if (text !== '') assertTold(engine, body, segments)
  if (text !== '') yield { kind: 'text', text }
  if (wantsSegments(body)) yield* segments
  yield heardEnd(told)
}

/** Whether more is asked for than the text. */
export function wantsSegments({ segments, words, speakers }: TranscribeBody): boolean {
  return segments === true || words === true || speakers === true
}

/** The end of a transcript, with what the engine tells of the recording. */
export function heardEnd(told: JsonObject): EndEvent {
  const language = asString(told['language'])?.slice(0, MAX_VOICE_LENGTH)
  const usage = asObject(told['usage'])
  const seconds = time(told['duration']) ?? time(usage?.['seconds'])
  const heard: Heard = defined({ language: language === '' ? undefined : language, seconds })
  const completionTokens = asCount(usage?.['output_tokens']) ?? asCount(usage?.['completion_tokens'])
  const promptTokens = asCount(usage?.['input_tokens']) ?? asCount(usage?.['prompt_tokens']) ?? 0
  return {
    kind: 'end',
    finishReason: 'stop',
    ...(completionTokens !== undefined && { usage: { promptTokens, completionTokens } }),
    ...(Object.keys(heard).length > 0 && { heard }),
  }
}

/** One segment as the engine told it; undefined without times. */
export function segmentOf(told: JsonObject, { words: wanted }: TranscribeBody): SegmentEvent | undefined {
  const start = time(told['start'])
  const end = time(told['end'])
  const text = asString(told['text'])
  if (start === undefined || end === undefined || text === undefined) return undefined
  const words = wanted === true ? wordsIn(told['words']) : []
  const speaker = speakerOf(told['speaker'])
  return {
    kind: 'segment',
    start,
    end: Math.max(start, end),
    text,
    ...(words.length > 0 && { words }),
    ...defined({ speaker }),
  }
}

/** Some engines have the words beside the segments, some within. */
function segmentsOf(told: JsonObject, body: TranscribeBody): readonly SegmentEvent[] {
  const segments = objectsOf(told['segments'])
    .map((each) => segmentOf(each, body))
    .filter((each) => each !== undefined)
  const words = body.words === true ? wordsIn(told['words']) : []
  return words.length === 0 ? segments : withWords(segments, words)
}

/** Each word goes to the last segment that has begun with it. */
function withWords(segments: readonly SegmentEvent[], words: readonly HeardWord[]): readonly SegmentEvent[] {
  const [first] = words
  const last = words.at(-1)
  if (first === undefined || last === undefined) return segments
  if (segments.length === 0) {
    const text = words.map(({ word }) => word).join(' ')
    return [{ kind: 'segment', start: first.start, end: last.end, text, words }]
  }
  const of: HeardWord[][] = segments.map(() => [])
  let at = 0
  for (const word of words) {
    while (at + 1 < segments.length && word.start >= (segments[at + 1]?.start ?? Number.POSITIVE_INFINITY)) at += 1
    of[at]?.push(word)
  }
  return segments.map((segment, i) => ({ ...segment, words: of[i] ?? [] }))
}

/**
 * Words with their times. whisper.cpp tells tokens instead: a piece that goes on with the letters before it belongs to
 * their word.
 */
function wordsIn(told: unknown): readonly HeardWord[] {
  const words: HeardWord[] = []
  for (const each of objectsOf(told)) {
    const piece = asString(each['word'])
    const start = time(each['start'])
    const end = time(each['end'])
    if (piece === undefined || piece.trim() === '' || start === undefined || end === undefined) continue
    const last = words.at(-1)
    if (last !== undefined && asNumber(each['t_dtw']) !== undefined && GOES_ON.test(piece)) {
      words[words.length - 1] = { word: last.word + piece.trimEnd(), start: last.start, end: Math.max(last.end, end) }
    } else words.push({ word: piece.trim(), start, end: Math.max(start, end) })
  }
  return words
}

/** A token that is not the first of its word, in scripts that have spaces between words. */
const GOES_ON = /^[\p{P}\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{M}\p{N}]/u

function assertTold(engine: string, body: TranscribeBody, segments: readonly SegmentEvent[]): void {
  if (body.speakers === true && segments.every(({ speaker }) => speaker === undefined)) throw speakersUntold(engine)
  if (wantsSegments(body) && segments.length === 0) throw untold(engine, 'when what was said (segments)')
  if (body.words === true && segments.every(({ words }) => (words?.length ?? 0) === 0)) {
    throw untold(engine, 'when each word was said (words)')
  }
}

/** The refusal of an engine that does not tell speakers apart. */
export function speakersUntold(engine: string): RealmeshError {
  return untold(engine, 'which speaker said what (speakers)')
}

function untold(engine: string, what: string): RealmeshError {
  return new RealmeshError('CAPABILITY_MISSING', `${engine} does not tell ${what}`, {
    fix: 'ask for the text only, or for a model of an engine that does, such as whisper.cpp or speaches',
  })
}

function speakerOf(told: unknown): string | undefined {
  const name = typeof told === 'number' ? String(told) : asString(told)
  return name === undefined || name === '' ? undefined : name.slice(0, MAX_VOICE_LENGTH)
}

function time(told: unknown): number | undefined {
  const seconds = typeof told === 'string' && told !== '' ? Number(told) : asNumber(told)
  return seconds !== undefined && Number.isFinite(seconds) ? Math.max(0, seconds) : undefined
}
