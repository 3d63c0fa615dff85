/**
 * A host's answer as query events: one JSON object, as RENT-A-HAL has it, or lines of JSON, as realmesh streams. The
 * last line of a stream and the whole object say the same, but for the result.
 */
import { defined } from '../../core/defined.ts'
import type { EndEvent, QueryEvent } from '../../core/query/query-event.ts'
import { type ErrorCode, isErrorCode, RealmeshError } from '../../core/realmesh-error.ts'
import { finishReason } from '../adapter/finish-reason.ts'
import type { AnswerDecoder } from '../http/answer-stream.ts'
import { parseEngineJson } from '../http/engine-json.ts'
import { MAX_JSON_BYTES } from '../http/http-client.ts'
import { garbage, sanitizeEngineText } from '../http/http-errors.ts'
import { asCount, asNumber, asObject, asString, type JsonObject } from '../http/json-shape.ts'
import { LineBatches } from '../http/line-batches.ts'
import { engineImageFromBase64, MAX_IMAGE_BYTES, MAX_IMAGES_PER_QUERY } from '../images/image-bytes.ts'
import { HOST_KIND, type HostQueryType } from './host-state.ts'

/** Longest line with an image in it, which comes as base64. */
const MAX_IMAGE_LINE_BYTES = Math.ceil(MAX_IMAGE_BYTES / 3) * 4 + 4_096

export class HostDecoder implements AnswerDecoder {
  /** Whether lines come. Set once the head of the reply is there. @default false */
  streams = false
  readonly #type: HostQueryType
  readonly #lines: LineBatches
  readonly #whole: Buffer[] = []
  #wholeBytes = 0
  #ended = false
  #images = 0

  constructor(type: HostQueryType) {
    this.#type = type
    this.#lines = new LineBatches({
      engine: HOST_KIND,
      ...(type === 'imagine' && { maxLineBytes: MAX_IMAGE_LINE_BYTES }),
    })
  }

  get ended(): boolean {
    return this.#ended
  }

  push(chunk: Buffer, out: QueryEvent[]): void {
    if (this.streams) this.#decode(this.#lines.push(chunk), out)
    else this.#keep(chunk)
  }

  flush(out: QueryEvent[]): void {
    if (this.streams) return // what stands behind the last line feed was cut
    const object = parsed(Buffer.concat(this.#whole).toString('utf8'))
    this.#last(object, out, () => this.#result(object, out))
  }

  /** What is not streamed is read in one go, as a worker's JSON is. */
  #keep(chunk: Buffer): void {
    const most = this.#type === 'imagine' ? MAX_IMAGE_LINE_BYTES : MAX_JSON_BYTES
    this.#wholeBytes += chunk.length
    if (this.#wholeBytes > most) throw garbage(HOST_KIND, `an answer of more than ${most} bytes`)
    this.#whole.push(chunk)
  }

  #decode(lines: string, out: QueryEvent[]): void {
    for (const line of lines.split('\n')) {
      if (line.trim() === '' || this.#ended) continue
      const object = parsed(line)
      if (object['status'] === undefined && object['error'] === undefined) this.#piece(object, out)
      else this.#last(object, out, () => {})
    }
  }

  #piece(piece: JsonObject, out: QueryEvent[]): void {
    const text = asString(piece['text'])
    const reasoning = asString(piece['reasoning'])
    const fraction = asNumber(piece['progress'])
    if (text !== undefined && text !== '') out.push({ kind: 'text', text, ...tokensOf(piece) })
    if (reasoning !== undefined && reasoning !== '')
      out.push({ kind: 'reasoning', text: reasoning, ...tokensOf(piece) })
    if (fraction !== undefined) out.push({ kind: 'progress', fraction: Math.min(1, Math.max(0, fraction)) })
    if (piece['image'] !== undefined) this.#image(piece['image'], out)
  }

  #last(object: JsonObject, out: QueryEvent[], result: () => void): void {
    if (object['status'] !== 'success') throw hostError(object)
    result()
    this.#ended = true
    out.push(endOf(object))
  }

  #result(object: JsonObject, out: QueryEvent[]): void {
    const { result } = object
    if (this.#type === 'imagine') this.#image(result, out)
    else if (typeof result !== 'string') throw garbage(HOST_KIND, 'a result that is no text')
    else if (result !== '') out.push({ kind: 'text', text: result })
  }

  #image(data: unknown, out: QueryEvent[]): void {
    if (this.#images >= MAX_IMAGES_PER_QUERY) throw garbage(HOST_KIND, 'more images than were asked for')
    out.push({ kind: 'image', index: this.#images, ...engineImageFromBase64(HOST_KIND, data) })
    this.#images += 1
  }
}

function parsed(text: string): JsonObject {
  let value: unknown
  try {
    value = parseEngineJson(text)
  } catch (cause) {
    throw garbage(HOST_KIND, 'something that is not JSON', cause)
  }
  const object = asObject(value)
  if (object === undefined) throw garbage(HOST_KIND, 'something that is not an object')
  return object
}

function tokensOf(piece: JsonObject): { readonly tokens?: number } {
  return defined({ tokens: asCount(piece['tokens']) })
}

function endOf(object: JsonObject): EndEvent {
  const usage = asObject(object['usage'])
  const promptTokens = asCount(usage?.['prompt_tokens'])
  const completionTokens = asCount(usage?.['completion_tokens'])
  return {
    kind: 'end',
    finishReason: finishReason(HOST_KIND, object['finish_reason']) ?? 'stop',
    ...(promptTokens !== undefined && completionTokens !== undefined && { usage: { promptTokens, completionTokens } }),
  }
}

/** What a realmesh host says of the request itself, and of its load; of all else only that it failed. */
const MEANS: Readonly<Partial<Record<ErrorCode, ErrorCode>>> = {
  BAD_REQUEST: 'BAD_REQUEST',
  PROMPT_TOO_LARGE: 'PROMPT_TOO_LARGE',
  CONTEXT_TOO_LONG: 'CONTEXT_TOO_LONG',
  CAPABILITY_MISSING: 'CAPABILITY_MISSING',
  MODEL_NOT_FOUND: 'MODEL_NOT_FOUND',
  REALM_OVERLOADED: 'ENGINE_BUSY',
  NO_WORKER: 'ENGINE_BUSY',
  DRAINING: 'ENGINE_BUSY',
  ENGINE_BUSY: 'ENGINE_BUSY',
  ENGINE_LOADING: 'ENGINE_BUSY',
}

/** RENT-A-HAL's words for a host that has no room for the query. */
const NO_ROOM = /no available worker|no route found|queue is full/i

/** A refusal, which comes with status 200. */
function hostError(object: JsonObject): RealmeshError {
  const text = sanitizeEngineText(asString(object['error']) ?? asString(object['message']) ?? '')
  const { code } = object
  const told = isErrorCode(code) ? MEANS[code] : undefined
  const meant = told ?? (NO_ROOM.test(text) ? 'ENGINE_BUSY' : 'ENGINE_FAILED')
  return new RealmeshError(meant, `the host refused the query${text === '' ? '' : `: ${text}`}`, {
    ...(meant === 'MODEL_NOT_FOUND' && { retryable: true }),
  })
}
