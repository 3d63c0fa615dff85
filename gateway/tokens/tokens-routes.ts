/**
 * `POST /tokenize` and `/detokenize`, as llama-server and vLLM have them: each is answered in the words in which it was
 * asked.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { checkValue } from '../../core/check-value.ts'
import type { TokensEvent } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { submit } from '../answer/submit.ts'
import { requireKey } from '../door/door.ts'
import { askedFields } from '../fields/asked-fields.ts'
import { GatheredTokens } from '../gathering/tokens.ts'
import { openAiErrorBody } from '../openai/format/answer-parts.ts'
import { sendAnswer } from '../openai/format/send-answer.ts'
import { handleThrown } from '../request/error-handler.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import { type AskedTokens, detokenizeSchema, toTokens } from './tokens-request.ts'

/** Registers the paths on `app`, whose prefix is empty. */
export function tokensRoutes(app: FastifyInstance, context: GatewayContext): void {
  handleThrown(app, context.log, openAiErrorBody)
  requireKey(app, context.keys)
  app.post('/tokenize', tokenizeRoute(context))
  app.post('/detokenize', detokenizeRoute(context))
}

function tokenizeRoute(context: GatewayContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const asked = toTokens(request.body)
    const { model, body, schema } = asked
    const fields = askedFields(request.body, schema, { settings: true })
    const submitted = submit(context, request, reply, { type: 'tokens', model, body }, fields)
    return sendAnswer(reply, submitted, new GatheredTokens(), (gathered) =>
      ANSWERS[asked.words](gathered, asked, context),
    )
  }
}

type Answer = (gathered: GatheredTokens, asked: AskedTokens, context: GatewayContext) => object

const ANSWERS: Readonly<Record<AskedTokens['words'], Answer>> = {
  llama: ({ tokens, model }, { body }) => {
    const ids = idsOf(tokens)
    if (body.detail !== 'pieces') return { tokens: ids, model }
    const { pieces } = tokens
    if (pieces === undefined) throw notTold('what each of its tokens says (with_pieces)')
    return { tokens: ids.map((id, at) => ({ id, piece: pieceOf(pieces[at]) })), model }
  },
  vllm: ({ tokens, model }, { body }, { node }) => {
    const listed = model === undefined ? undefined : node.model(model)
    const strings = body.detail === 'pieces' ? (tokens.pieces?.map(stringOf) ?? null) : null
    const max_model_len = listed?.model.contextLength ?? null
    return { count: tokens.count, max_model_len, tokens: idsOf(tokens), token_strs: strings, model }
  },
}

function detokenizeRoute(context: GatewayContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { model, tokens } = checkValue(detokenizeSchema, request.body)
    const fields = askedFields(request.body, detokenizeSchema)
    const asked = { type: 'tokens', model: model ?? '', body: { ids: tokens } } as const
    const submitted = submit(context, request, reply, asked, fields)
    // Both words for the text: a client of either reads its own.
    return sendAnswer(reply, submitted, new GatheredTokens(), ({ text, model: served }) => {
      return { content: text, prompt: text, model: served }
    })
  }
}

function idsOf({ ids, count }: TokensEvent): readonly number[] {
  if (ids !== undefined) return ids
  if (count === 0) return []
  throw notTold('its tokens')
}

function notTold(what: string): RealmeshError {
  return new RealmeshError('CAPABILITY_MISSING', `the engine does not tell ${what}`, {
    fix: 'ask for a model of an engine that does, such as llama-server',
  })
}

/** As llama-server has it: a text, or bytes where they are none by themselves. */
function pieceOf(bytes: Uint8Array = new Uint8Array()): string | readonly number[] {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return [...bytes]
  }
}

function stringOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}
