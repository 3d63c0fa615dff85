/** A transcript in one piece, in each of OpenAI's shapes. */
import type { EndEvent, QueryEvent, SegmentEvent } from '../../../core/query/query-event.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { Gathering } from '../../answer/whole-answer.ts'
import { toSrt, toVtt } from './subtitles.ts'
import type { AskedTranscript, TranscriptFormat } from './transcription-form.ts'

/** The parts of a transcript as they come. */
export class GatheredTranscript implements Gathering {
  #text = ''
  #end: EndEvent | undefined
  readonly segments: SegmentEvent[] = []

  add(event: QueryEvent): void {
    if (event.kind === 'text') this.#text += event.text
    else if (event.kind === 'segment') this.segments.push(event)
    else if (event.kind === 'end') this.#end = event
  }

  get text(): string {
    return this.#text.trim()
  }

  get end(): EndEvent | undefined {
    return this.#end
  }

  /** Seconds of the recording; where the engine does not tell, those up to the last word. */
  get seconds(): number {
    return this.#end?.heard?.seconds ?? this.segments.at(-1)?.end ?? 0
  }
}

/** The transcript as `asked.format` has it. Throws `ENGINE_GARBAGE` where times were asked for and none came. */
export function transcriptBody(heard: GatheredTranscript, asked: AskedTranscript): object | string {
  return SHAPES[asked.format](heard, asked)
}

/** What a transcript is called that is a text; the others are JSON. */
export const TEXT_TYPES: Readonly<Partial<Record<TranscriptFormat, string>>> = {
  text: 'text/plain; charset=utf-8',
  srt: 'application/x-subrip; charset=utf-8',
  vtt: 'text/vtt; charset=utf-8',
}

type Shape = (heard: GatheredTranscript, asked: AskedTranscript) => object | string

const SHAPES: Readonly<Record<TranscriptFormat, Shape>> = {
  json: (heard) => ({ text: heard.text, ...usageOf(heard) }),
  text: ({ text }) => `${text}\n`,
  srt: (heard) => toSrt(timed(heard)),
  vtt: (heard) => toVtt(timed(heard)),
  verbose_json: verbose,
  diarized_json: (heard, { body }) => ({
    task: body.task,
    duration: heard.seconds,
    text: heard.text,
    segments: timed(heard).map(diarizedSegment),
    ...usageOf(heard),
  }),
}

/** OpenAI's usage of models that are paid by the length of the recording. */
export function usageOf({ end, seconds }: Pick<GatheredTranscript, 'end' | 'seconds'>): object {
  if (end?.heard?.seconds === undefined) return {}
  return { usage: { type: 'duration', seconds: Math.ceil(seconds) } }
}

/** One stretch, of one speaker. */
export function diarizedSegment({ start, end, text, speaker }: SegmentEvent, index: number): object {
  return { type: 'transcript.text.segment', id: `seg_${index}`, start, end, text, speaker: speaker ?? '' }
}

function verbose(heard: GatheredTranscript, { body, words, segments }: AskedTranscript): object {
  const all = timed(heard)
  return {
    task: body.task,
    language: heard.end?.heard?.language ?? body.language ?? '',
    duration: heard.seconds,
    text: heard.text,
    ...(segments && { segments: all.map((segment, id) => verboseSegment(segment, id, body.temperature ?? 0)) }),
    ...(words && { words: all.flatMap((segment) => segment.words ?? []) }),
    ...usageOf(heard),
  }
}

/**
 * Clients check that all of these are there. What the decoder thought of each stretch does not travel: the tokens are
 * none, and the figures those of a stretch that is above all doubt.
 */
function verboseSegment({ start, end, text }: SegmentEvent, id: number, temperature: number): object {
  return {
    id,
    seek: 0,
    start,
    end,
    text,
    tokens: [],
    temperature,
    avg_logprob: 0,
    compression_ratio: 1,
    no_speech_prob: 0,
  }
}

/** Silence has no segments; words without times are of an engine that dropped the wish. */
function timed({ segments, text }: GatheredTranscript): readonly SegmentEvent[] {
  if (segments.length > 0 || text === '') return segments
  throw new RealmeshError('ENGINE_GARBAGE', 'the engine told no times of what was said')
}
