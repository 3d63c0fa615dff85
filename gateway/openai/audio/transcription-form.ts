/** The fields of `POST /v1/audio/transcriptions` and `/translations`, and the query that they make. */
import { z } from 'zod'
import { BadField, checkValue } from '../../../core/check-value.ts'
import { defined } from '../../../core/defined.ts'
import { boundedList } from '../../../core/json/bounded-list.ts'
import { MAX_MODEL_NAME_LENGTH } from '../../../core/model/model-name.ts'
import { MAX_VOICE_LENGTH } from '../../../core/query/query-limits.ts'
import type { TranscribeBody } from '../../../core/query/sound.ts'
import type { FormBody, FormFile } from '../../forms/form-body.ts'
import { saidFields, yesOrNo } from '../../forms/form-fields.ts'

/** In which shape a transcript goes out. */
export type TranscriptFormat = 'json' | 'text' | 'srt' | 'vtt' | 'verbose_json' | 'diarized_json'

const granularities = boundedList(z.enum(['word', 'segment']), { max: 2 })

export const transcriptionSchema = z.object({
  model: z.string().max(MAX_MODEL_NAME_LENGTH).nullish(),
  language: z.string().max(MAX_VOICE_LENGTH).nullish(),
  prompt: z.string().nullish(),
  response_format: z.enum(['json', 'text', 'srt', 'vtt', 'verbose_json', 'diarized_json']).nullish(),
  temperature: z.coerce.number().min(0).max(1).nullish(),
  'timestamp_granularities[]': granularities.nullish(),
  timestamp_granularities: z.preprocess(listed, granularities).nullish(),
  stream: yesOrNo.nullish(),
})

/** Some programs send one text, with commas or as JSON, where a list is meant. */
function listed(value: unknown): unknown {
  return typeof value === 'string' ? (value.match(/[a-z]+/g) ?? []) : value
}

/** What is asked for, as the client said it. */
export interface AskedTranscript {
  readonly model: string
  readonly format: TranscriptFormat
  readonly stream: boolean
  /** Whether words, and whether segments, stand in `verbose_json`. */
  readonly words: boolean
  readonly segments: boolean
  readonly body: TranscribeBody
}

/** Throws `BadField` for a form that is not as OpenAI has it. */
export function readTranscriptionForm(form: FormBody, task: TranscribeBody['task']): AskedTranscript {
  const fields = checkValue(transcriptionSchema, saidFields(form.fields))
  const file = fileOf(form)
  const format = fields.response_format ?? 'json'
  const stream = fields.stream === true
  if (stream && !STREAMS.has(format)) {
    throw new BadField('stream', `${format} does not come in pieces`, { fix: 'leave stream out, or ask for json' })
  }
  const times = fields['timestamp_granularities[]'] ?? fields.timestamp_granularities ?? []
  const words = format === 'verbose_json' && times.includes('word')
  const segments = times.length === 0 || times.includes('segment')
  return {
    model: fields.model ?? '',
    format,
    stream,
    words,
    segments,
    body: {
      audio: file.bytes,
      mediaType: file.mediaType,
      task,
      ...defined({
        fileName: bareName(file),
        language: fields.language ?? undefined,
        prompt: fields.prompt ?? undefined,
        temperature: fields.temperature ?? undefined,
      }),
      ...(words && { words }),
      ...(TIMED.has(format) && { segments: true }),
      ...(format === 'diarized_json' && { speakers: true }),
    },
  }
}

/** Formats of which the pieces are events. */
const STREAMS: ReadonlySet<TranscriptFormat> = new Set(['json', 'text', 'diarized_json'])

/** Formats that say when. */
const TIMED: ReadonlySet<TranscriptFormat> = new Set(['srt', 'vtt', 'verbose_json', 'diarized_json'])

/** What a recording is called says whose it is; engines need no more of it than the ending. */
function bareName({ fileName }: FormFile): string | undefined {
  const ending = /\.[a-z0-9]{1,8}$/i.exec(fileName)?.[0]
  return ending === undefined ? undefined : `recording${ending.toLowerCase()}`
}

function fileOf({ file, fileField }: FormBody): FormFile {
  if (file === undefined || fileField !== 'file') {
    throw new BadField('file', 'the recording is missing', {
      fix: 'send it as the file of a form: curl -F file=@talk.mp3',
    })
  }
  if (file.bytes.length === 0) throw new BadField('file', 'the recording is empty')
  return file
}
