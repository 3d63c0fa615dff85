/**
 * Checks the body of a query that came from a peer: known fields only, every list and number bounded, no depth to drown
 * in.
 */
import { z } from 'zod'
import { boundedList } from '../../../core/json/bounded-list.ts'
import { hasMoreValues } from '../../../core/json/json-values.ts'
import { mayTravel, wrongShape } from '../../../core/model/request-fields.ts'
import { textsOf } from '../../../core/query/chat-text.ts'
import { MAX_TOP_LOGPROBS } from '../../../core/query/logprobs.ts'
import type { Picture, Pictures } from '../../../core/query/picture.ts'
import { assertTextFits, MAX_PREFILL_LENGTH } from '../../../core/query/prompt-size.ts'
import {
  type ChatBody,
  type EmbedBody,
  type ImagineBody,
  type Query,
  type QueryType,
  type RerankBody,
  TOKEN_DETAILS,
  type TokensBody,
} from '../../../core/query/query.ts'
import {
  MAX_DOCUMENTS,
  MAX_EDIT_BYTES,
  MAX_REFERENCES,
  MAX_STOPS,
  MAX_TOKENS_WANTED,
  MAX_TOLD_TOKENS,
  MAX_VOICE_LENGTH,
} from '../../../core/query/query-limits.ts'
import { MEDIA_TYPE, SPEECH_FORMATS, type SpeakBody, type TranscribeBody } from '../../../core/query/sound.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { BODY_LIMIT, MAX_BODY_VALUES, RAW_LIMIT } from '../constants.ts'

/**
 * Levels of objects and lists in a body, tool schemas included: what a gateway takes from a program (64) must pass its
 * peers too.
 */
export const MAX_BODY_DEPTH = 64

/**
 * Lists are held by the bytes of the body first; these only keep the check itself short. The longest honest ones stay
 * below.
 */
const MAX_MESSAGES = 16_384
const MAX_PARTS = 4_096
const MAX_TOOLS = 4_096
const MAX_INPUTS = 2_048
const MAX_PIXELS = 8_192

/**
 * Names and ids that clients make up: no shorter here than gateways let them pass, the bytes of the body bound them
 * all.
 */
const name = z.string().min(1).max(1_024)
/** Some clients leave these empty. */
const label = z.string().max(1_024)
const finite = z.number().min(-1e9).max(1e9)
const count = z.number().int().min(0).max(MAX_TOKENS_WANTED)
const seed = z.number().int().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER)

const imageType = z.string().regex(/^image\/[a-z0-9.+-]{1,32}$/)

const textPart = z.strictObject({ type: z.literal('text'), text: z.string() })
const imagePart = z.strictObject({
  type: z.literal('image'),
  mediaType: imageType,
  data: z.string(),
  detail: label.exactOptional(),
})

const message = z.strictObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.union([z.string(), boundedList(z.discriminatedUnion('type', [textPart, imagePart]), { max: MAX_PARTS })]),
  toolCalls: boundedList(z.strictObject({ id: label, name, arguments: z.string() }), {
    max: MAX_TOOLS,
  }).exactOptional(),
  toolCallId: label.exactOptional(),
  toolName: label.exactOptional(),
  reasoning: z.string().exactOptional(),
  name: label.exactOptional(),
})

const tool = z.strictObject({
  name,
  description: z.string().exactOptional(),
  parameters: z.unknown().exactOptional(),
  strict: z.boolean().exactOptional(),
})

const sampling = z.strictObject({
  temperature: finite.exactOptional(),
  topP: finite.exactOptional(),
  topK: finite.exactOptional(),
  minP: finite.exactOptional(),
  seed: seed.exactOptional(),
  stop: boundedList(z.string(), { max: MAX_STOPS }).exactOptional(),
  maxTokens: count.exactOptional(),
  frequencyPenalty: finite.exactOptional(),
  presencePenalty: finite.exactOptional(),
  repeatPenalty: finite.exactOptional(),
})

/** Known ones only, which bounds their number; the bytes of the body bound their values. */
const settings = z
  .record(z.string().refine(mayTravel), z.unknown())
  .refine((all) => Object.entries(all).every(([field, value]) => wrongShape(field, value) === undefined))

const responseFormat = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json') }),
  z.strictObject({
    type: z.literal('json_schema'),
    name,
    schema: z.unknown(),
    strict: z.boolean().exactOptional(),
  }),
])

const chat: z.ZodType<ChatBody> = z.strictObject({
  messages: boundedList(message, { max: MAX_MESSAGES }),
  raw: z.strictObject({ prompt: z.string(), suffix: z.string().exactOptional() }).exactOptional(),
  tools: boundedList(tool, { max: MAX_TOOLS }).exactOptional(),
  toolChoice: z.union([z.enum(['auto', 'none', 'required']), z.strictObject({ name })]).exactOptional(),
  responseFormat: responseFormat.exactOptional(),
  sampling: sampling.exactOptional(),
  think: z.union([z.boolean(), z.enum(['low', 'medium', 'high'])]).exactOptional(),
  prefill: z.string().max(MAX_PREFILL_LENGTH).exactOptional(),
  logprobs: z.number().int().min(0).max(MAX_TOP_LOGPROBS).exactOptional(),
  parallelToolCalls: z.boolean().exactOptional(),
  settings: settings.exactOptional(),
})

/** What is said of a picture that stands behind the JSON. */
const toldPicture = z.strictObject({ mediaType: imageType, bytes: z.number().int().min(1).max(MAX_EDIT_BYTES) })

const imagine = z.strictObject({
  prompt: z.string(),
  negativePrompt: z.string().exactOptional(),
  width: z.number().int().min(1).max(MAX_PIXELS).exactOptional(),
  height: z.number().int().min(1).max(MAX_PIXELS).exactOptional(),
  steps: z.number().int().min(1).max(1_000).exactOptional(),
  seed: seed.exactOptional(),
  count: z.number().int().min(1).max(64).exactOptional(),
  guidance: finite.exactOptional(),
  image: toldPicture.exactOptional(),
  mask: toldPicture.exactOptional(),
  references: boundedList(toldPicture, { min: 1, max: MAX_REFERENCES }).exactOptional(),
  strength: z.number().min(0).max(1).exactOptional(),
})

const embed: z.ZodType<EmbedBody> = z.strictObject({
  inputs: boundedList(z.string(), { max: MAX_INPUTS }),
  dimensions: z.number().int().min(1).max(1_000_000).exactOptional(),
})

const rerank: z.ZodType<RerankBody> = z.strictObject({
  query: z.string(),
  documents: boundedList(z.string(), { max: MAX_DOCUMENTS }),
  topN: z.number().int().min(1).max(MAX_DOCUMENTS).exactOptional(),
})

const tokens: z.ZodType<TokensBody> = z
  .strictObject({
    text: z.string().exactOptional(),
    chat: chat.exactOptional(),
    ids: boundedList(z.number().int().min(0).max(0xffff_ffff), { max: MAX_TOLD_TOKENS }).exactOptional(),
    detail: z.enum(TOKEN_DETAILS).exactOptional(),
    special: z.boolean().exactOptional(),
  })
  .refine(({ text, chat, ids }) => [text, chat, ids].filter((each) => each !== undefined).length === 1)

const shortWord = z.string().max(MAX_VOICE_LENGTH)

const transcribe: z.ZodType<Omit<TranscribeBody, 'audio'>> = z.strictObject({
  mediaType: z.string().regex(MEDIA_TYPE),
  fileName: label.exactOptional(),
  task: z.enum(['transcribe', 'translate']),
  language: shortWord.exactOptional(),
  prompt: z.string().exactOptional(),
  temperature: finite.exactOptional(),
  words: z.boolean().exactOptional(),
  segments: z.boolean().exactOptional(),
  speakers: z.boolean().exactOptional(),
})

const speak: z.ZodType<SpeakBody> = z.strictObject({
  text: z.string(),
  voice: shortWord.exactOptional(),
  format: z.enum(SPEECH_FORMATS),
  speed: finite.exactOptional(),
  instructions: z.string().exactOptional(),
  language: shortWord.exactOptional(),
})

type ImagineJson = z.infer<typeof imagine>

/** The JSON of a body: of a recording and of pictures what is said of them. */
type BodyJson = Exclude<Query['body'], TranscribeBody | ImagineBody> | Omit<TranscribeBody, 'audio'> | ImagineJson

const SCHEMAS: Readonly<Record<QueryType, z.ZodType<BodyJson>>> = {
  chat,
  vision: chat,
  imagine,
  embed,
  rerank,
  tokens,
  transcribe,
  speak,
}

/** A body has fields that are not known here: the asker may be newer, and breaks no rule. */
export class UnknownField extends RealmeshError {}

/**
 * Parses and checks a body, its JSON and the recording or pictures behind it, which have `rawBytes`. Throws
 * `BAD_REQUEST` with the place of the first fault, or `PROMPT_TOO_LARGE`; never echoes what was sent.
 */
export function parseBody(type: QueryType, body: Uint8Array, rawBytes = 0): Query['body'] {
  const most = RAW_LIMIT[type] ?? 0
  if (rawBytes > Math.min(most, body.byteLength)) throw badBody('bytes of no recording and no picture')
  const end = body.byteLength - rawBytes
  if (end > BODY_LIMIT[type] - most) throw badBody('too much beside a recording or a picture')
  const raw = new Uint8Array(body.buffer, body.byteOffset + end, rawBytes)
  const whole = joined(parseChecked(type, body.subarray(0, end)), raw)
  assertTextFits(textsOf(whole))
  return whole
}

function joined(json: BodyJson, raw: Uint8Array): Query['body'] {
  if ('task' in json) return { ...json, audio: raw }
  return 'prompt' in json ? withPictures(json, raw) : json
}

/** Each picture has its bytes from those behind the JSON, in the order of `picturesOf`. */
function withPictures({ image, mask, references, ...said }: ImagineJson, raw: Uint8Array): ImagineBody {
  let end = 0
  const next = ({ mediaType, bytes }: z.infer<typeof toldPicture>): Picture => {
    end += bytes
    return { mediaType, data: raw.subarray(end - bytes, end) }
  }
  const pictures: Pictures = {
    ...(image && { image: next(image) }),
    ...(mask && { mask: next(mask) }),
    ...(references && { references: references.map(next) }),
  }
  if (end !== raw.byteLength) throw badBody('pictures of another length')
  if (image === undefined && end > 0) throw badBody('a mask or others beside no picture')
  return { ...said, ...pictures }
}

function parseChecked(type: QueryType, json: Uint8Array): BodyJson {
  if (hasMoreValues(json, MAX_BODY_VALUES)) throw badBody(`more than ${MAX_BODY_VALUES} values`)
  const value = parseJson(Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString('utf8'))
  checkTree(value, MAX_BODY_DEPTH)
  const result = SCHEMAS[type].safeParse(value)
  if (!result.success) throw refusal(result.error)
  return result.data
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (cause) {
    throw new RealmeshError('BAD_REQUEST', 'the body of the query is not JSON', { cause })
  }
}

/** Free JSON (tool parameters, schemas) has no schema of its own: its depth and its keys are checked here. */
function checkTree(value: unknown, depthLeft: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depthLeft === 0) throw badBody(`nested deeper than ${MAX_BODY_DEPTH} levels`)
  if (Array.isArray(value)) {
    for (const item of value) checkTree(item, depthLeft - 1)
    return
  }
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') throw badBody('a key that is not allowed')
    checkTree(item, depthLeft - 1)
  }
}

function refusal(error: z.ZodError): RealmeshError {
  const issue = error.issues[0]
  const place = issue?.path.map((key) => (typeof key === 'number' ? key : String(key).slice(0, 32))).join('.')
  const fault = `${issue?.code ?? 'invalid'} at ${place || 'the top'}`
  return issue?.code === 'unrecognized_keys' ? new UnknownField('BAD_REQUEST', bodyRefused(fault)) : badBody(fault)
}

function badBody(what: string): RealmeshError {
  return new RealmeshError('BAD_REQUEST', bodyRefused(what))
}

function bodyRefused(what: string): string {
  return `the body of the query is refused: ${what}`
}
