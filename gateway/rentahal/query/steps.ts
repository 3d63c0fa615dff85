/**
 * What a query of RENT-A-HAL is here: one query of the mesh, or several in turn where it begins with a recording or
 * ends in speech. Pure.
 */
import { BadField } from '../../../core/check-value.ts'
import { assertTextFits } from '../../../core/query/prompt-size.ts'
import type { ChatBody, QueryType } from '../../../core/query/query.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { Asked } from '../../answer/submit.ts'
import { imageFromBase64 } from '../../fields/data-url.ts'
import { recordingFrom } from '../../fields/recording.ts'
import { ANY_WORKER, type RentAHalQuery } from './query-schema.ts'

/** One query of the mesh, made of what the one before it said. */
export type PlannedStep = (said: string) => Asked

/** Of which kind the answer is, in RENT-A-HAL's words. */
export type ResultType = 'text' | 'image' | 'audio'

export interface Plan {
  readonly steps: readonly [PlannedStep, ...PlannedStep[]]
  readonly resultType: ResultType
  /** Fields that have no effect. */
  readonly left: readonly string[]
}

/** The model within reach that does queries of `type` and is called so; undefined: there is none. */
export type FindModel = (name: string, type: QueryType) => string | undefined

/** The model type that asks for the answer as sound. */
const SPEAKS = 'speech'

const KINDS: Readonly<Record<string, (query: RentAHalQuery, named: FindModel) => Plan>> = {
  chat: chatPlan,
  vision: chatPlan,
  imagine: drawPlan,
  speech: (query, named) => {
    const { steps, ...plan } = chatPlan(query, named)
    return { ...plan, steps: [hearStep(query.audio), ...steps] }
  },
}

/**
 * Throws `BadField`, `PROMPT_TOO_LARGE`, and `NO_WORKER` for a type of query that no realm takes. A model's name is a
 * hint: where nothing within reach is called so, any model answers.
 */
export function planOf(query: RentAHalQuery, named: FindModel): Plan {
  assertTextFits([query.prompt])
  const kind = Object.hasOwn(KINDS, query.query_type) ? KINDS[query.query_type] : undefined
  if (kind !== undefined) return kind(query, named)
  throw new RealmeshError('NO_WORKER', 'no worker takes queries of this type', {
    fix: `use ${Object.keys(KINDS).join(', ')} as the query_type`,
    retryable: false,
  })
}

/** What is said in a recording, as the answer. Throws `BadField`. */
export function hearPlan(audio: string | null | undefined): Plan {
  return { steps: [hearStep(audio)], resultType: 'text', left: [] }
}

/** A text, spoken. Throws `PROMPT_TOO_LARGE`. */
export function speakPlan(text: string): Plan {
  assertTextFits([text])
  return { steps: [() => speakStep(text)], resultType: 'audio', left: [] }
}

function hearStep(audio: string | null | undefined): PlannedStep {
  if (!audio) throw new BadField('audio', 'the recording is missing', { fix: 'send it as base64' })
  const { bytes } = recordingFrom(audio, 'audio')
  // Engines tell what it really is by its bytes; the ending is what some of them want to see.
  const body = { audio: bytes, mediaType: 'audio/webm', fileName: 'recording.webm', task: 'transcribe' } as const
  return () => ({ type: 'transcribe', model: '', body })
}

/** What was said becomes sound, WAV as RENT-A-HAL has it. */
const speakStep: PlannedStep = (text) => ({ type: 'speak', model: '', body: { text, format: 'wav' } })

function chatPlan(query: RentAHalQuery, named: FindModel): Plan {
  const { prompt, query_type: kind, model_type: modelType, image } = query
  const sees = kind === 'vision' && image
  const model = named(query.model_name, sees ? 'vision' : 'chat')
  const picture = sees ? [imageFromBase64(image, 'image')] : []
  const step: PlannedStep = (said) => ({ type: 'chat', model: model ?? '', body: chatOf(said || prompt, picture) })
  const speaks = modelType === SPEAKS
  return {
    steps: speaks ? [step, speakStep] : [step],
    resultType: speaks ? 'audio' : 'text',
    left: [...leftOf(query, model), ...(image && !sees ? ['image'] : [])],
  }
}

function chatOf(prompt: string, pictures: readonly ReturnType<typeof imageFromBase64>[]): ChatBody {
  const text = { type: 'text', text: prompt } as const
  return { messages: [{ role: 'user', content: pictures.length === 0 ? prompt : [text, ...pictures] }] }
}

function drawPlan(query: RentAHalQuery, named: FindModel): Plan {
  const model = named(query.model_name, 'imagine')
  return {
    steps: [() => ({ type: 'imagine', model: model ?? '', body: { prompt: query.prompt } })],
    resultType: 'image',
    left: [...leftOf(query, model), ...(query.image ? ['image'] : [])],
  }
}

function leftOf(
  { model_type: type, model_name: name, audio, query_type: kind }: RentAHalQuery,
  model: string | undefined,
): readonly string[] {
  return [
    ...(type === ANY_WORKER || type === SPEAKS ? [] : ['model_type']),
    ...(name === '' || model !== undefined ? [] : ['model_name']),
    ...(audio && kind !== 'speech' ? ['audio'] : []),
  ]
}
