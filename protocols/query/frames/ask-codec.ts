/**
 * A query as frames and back. The sender's word on whose query it is is not taken: `origin` is the peer at the other
 * end of the connection.
 */
import { defined } from '../../../core/defined.ts'
import { MAX_MODEL_NAME_LENGTH } from '../../../core/model/model-name.ts'
import { travelling } from '../../../core/model/request-fields.ts'
import { type Picture, picturesOf } from '../../../core/query/picture.ts'
import {
  type ChatBody,
  isPriority,
  isQueryType,
  type Query,
  type QueryEnvelope,
  type QueryType,
  REALM_NAME,
} from '../../../core/query/query.ts'
import { traceContext } from '../../../core/query/trace-context.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { isScope } from '../../../core/scope.ts'
import { BODY_LIMIT, MAX_ID_LENGTH, PIECE_BYTES, RAW_LIMIT } from '../constants.ts'
import { framed } from './framing.ts'
import { Ask } from './messages.ts'
import { parseBody } from './query-body.ts'

/** A query that came from a peer may be handed on at most this often, whatever the frame says. */
export const MAX_INBOUND_HOPS = 1

/**
 * The body of `query` as it travels. Throws `PROMPT_TOO_LARGE`. Encoded once, so that tries on several peers share it.
 */
export function encodeBody(query: Query): Uint8Array<ArrayBuffer> {
  const body = bytesOf(query)
  const raw = rawBytesOf(query)
  const limit = BODY_LIMIT[query.type]
  if (body.byteLength <= limit && raw <= (RAW_LIMIT[query.type] ?? 0)) return body
  throw new RealmeshError(
    'PROMPT_TOO_LARGE',
    `the query has ${body.byteLength} bytes, ${limit} can be sent to a peer`,
    {
      fix: 'shorten the conversation, the pictures or the recording',
    },
  )
}

/** JSON; behind it a recording or pictures as they are. */
function bytesOf(query: Query): Buffer<ArrayBuffer> {
  return Buffer.concat([Buffer.from(JSON.stringify(jsonOf(query))), ...rawPartsOf(query)])
}

function jsonOf(query: Query): object {
  if (query.type === 'transcribe') {
    const { audio: _, ...said } = query.body
    return said
  }
  if (query.type !== 'imagine') return withoutWhatStays(query.body)
  const { image, mask, references, ...said } = query.body
  return { ...said, ...defined({ image: told(image), mask: told(mask), references: references?.map(told) }) }
}

/** What is said of a picture whose bytes stand behind. */
function told(picture: Picture | undefined): object | undefined {
  return picture === undefined ? undefined : { mediaType: picture.mediaType, bytes: picture.data.byteLength }
}

function rawPartsOf(query: Query): readonly Uint8Array[] {
  if (query.type === 'transcribe') return [query.body.audio]
  return query.type === 'imagine' ? picturesOf(query.body).map(({ data }) => data) : []
}

/** The bytes of a body that are no JSON. */
function rawBytesOf(query: Query): number {
  return rawPartsOf(query).reduce((sum, { byteLength }) => sum + byteLength, 0)
}

/** What names the user, or is a machine's own business, goes to no peer. */
function withoutWhatStays<Body extends Query['body'] | ChatBody>(body: Body): Body {
  if ('chat' in body && body.chat !== undefined) return { ...body, chat: withoutWhatStays(body.chat) }
  return 'settings' in body && body.settings !== undefined ? { ...body, settings: travelling(body.settings) } : body
}

/** The frames of one query, in order, each with its length before it. Small queries are one frame. */
export function* askFrames(number: number, query: Query, body: Uint8Array<ArrayBuffer>): Generator<Uint8Array, void> {
  const { id, type, realm, model, scope, hopsLeft, user, priority = 'live', trace } = query
  const raw = rawBytesOf(query)
  const envelope = { number, id, type, realm, model, scope, hopsLeft, user, bodyBytes: body.byteLength }
  const rare = { ...(priority !== 'live' && { priority }), ...(raw > 0 && { rawBytes: raw }) }
  const traced = { traceParent: trace?.parent ?? '', traceState: trace?.state ?? '' }
  yield framed(Ask.encode({ ...envelope, ...rare, ...traced, body: body.subarray(0, PIECE_BYTES) }))
  for (let at = PIECE_BYTES; at < body.byteLength; at += PIECE_BYTES) {
    yield framed(Ask.encode({ number, body: body.subarray(at, at + PIECE_BYTES) }))
  }
}

/** One frame of an asker. Throws `PROTOCOL_ERROR`. */
export function decodeAsk(frame: Uint8Array): Ask {
  try {
    return Ask.decode(frame)
  } catch (cause) {
    throw new RealmeshError('PROTOCOL_ERROR', 'a frame of the query is malformed', { cause })
  }
}

/** How many bytes the body of an ask may have. A type that is not known is read like a chat, then refused. */
export function bodyLimit(ask: Ask): number {
  return isQueryType(ask.type) ? BODY_LIMIT[ask.type] : BODY_LIMIT.chat
}

/** A query of a peer as its first frame tells of it: nothing of its body was looked at. */
export interface PeerEnvelope extends QueryEnvelope {
  readonly type: QueryType
  /** The peer at the other end of the connection. */
  readonly origin: string
}

/** What the first frame of a query says beside its body. Throws `BAD_REQUEST`. */
export function envelopeOf(ask: Ask, origin: string): PeerEnvelope {
  const { id, type, realm, model, scope, user, priority } = ask
  if (!isQueryType(type)) throw badAsk('type')
  if (id === '' || id.length > MAX_ID_LENGTH) throw badAsk('id')
  if (user.length > MAX_ID_LENGTH) throw badAsk('user')
  if (!REALM_NAME.test(realm)) throw badAsk('realm')
  if (model.length > MAX_MODEL_NAME_LENGTH) throw badAsk('model')
  if (!isScope(scope)) throw badAsk('scope')
  if (priority !== '' && !isPriority(priority)) throw badAsk('priority')
  const hopsLeft = Math.min(ask.hopsLeft, MAX_INBOUND_HOPS)
  const trace = traceContext(ask.traceParent, ask.traceState)
  const more = { ...(priority !== '' && { priority }), ...defined({ trace }) }
  return { id, type, realm, model, scope, hopsLeft, user, origin, ...more }
}

/**
 * The query whose body is complete; `rawBytes` of it are a recording or pictures. Throws `BAD_REQUEST` or
 * `PROMPT_TOO_LARGE`.
 */
export function queryOf(envelope: PeerEnvelope, body: Uint8Array, rawBytes?: number): Query {
  // The schema of `type` has checked the body: the union cannot be told so.
  return { ...envelope, body: parseBody(envelope.type, body, rawBytes) } as Query
}

function badAsk(field: string): RealmeshError {
  return new RealmeshError('BAD_REQUEST', `the query's ${field} is missing or not allowed`)
}
