/**
 * `POST /v1/rerank`, `/rerank` and `/v2/rerank`: documents in the order in which they answer a question. One answer has
 * what the clients of Jina, Cohere, vLLM and llama-server read, and an error what they show.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { checkValue } from '../../core/check-value.ts'
import { defined } from '../../core/defined.ts'
import type { RankedEvent } from '../../core/query/query-event.ts'
import { submit } from '../answer/submit.ts'
import { sendWhole } from '../answer/whole-answer.ts'
import { requireKey } from '../door/door.ts'
import { askedFields } from '../fields/asked-fields.ts'
import { GatheredRanks } from '../gathering/ranks.ts'
import { handleThrown } from '../request/error-handler.ts'
import { type HttpProblem, spoken } from '../request/errors.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import { type RerankDocument, type RerankRequest, rerankSchema, toRerankBody } from './rerank-request.ts'

/** The paths, with whether documents come back where the client does not say: as Jina and vLLM have it, and Cohere. */
const PATHS: readonly (readonly [path: string, returns: boolean])[] = [
  ['/v1/rerank', true],
  ['/rerank', true],
  ['/v2/rerank', false],
]

/** Registers the paths on `app`, whose prefix is empty. */
export function rerankRoutes(app: FastifyInstance, context: GatewayContext): void {
  handleThrown(app, context.log, rerankErrorBody)
  requireKey(app, context.keys)
  for (const [path, returns] of PATHS) app.post(path, rerankRoute(context, returns))
}

function rerankRoute(context: GatewayContext, returns: boolean) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const asked = checkValue(rerankSchema, request.body)
    const body = toRerankBody(asked)
    const model = asked.model ?? ''
    const fields = askedFields(request.body, rerankSchema)
    const submitted = submit(context, request, reply, { type: 'rerank', model, body }, fields)
    const gathered = new GatheredRanks(body.documents.length, body.topN ?? body.documents.length)
    const toBody = (ranks: GatheredRanks): object => ({
      id: submitted.accepted.id,
      ...rerankAnswer(ranks, asked, asked.return_documents ?? asked.return_text ?? returns),
    })
    return sendWhole(reply, submitted, gathered, { toBody, error: rerankErrorBody })
  }
}

function rerankAnswer(ranks: GatheredRanks, { model, documents }: RerankRequest, returns: boolean): object {
  const tokens = ranks.end?.usage?.promptTokens ?? 0
  return {
    object: 'list',
    model: ranks.model ?? model ?? '',
    usage: { prompt_tokens: tokens, total_tokens: tokens },
    results: ranks.all.map((ranked) => resultOf(ranked, returns ? documents[ranked.index] : undefined)),
  }
}

/** A document comes back as it was sent, a text as an object with it. */
function resultOf({ index, score }: RankedEvent, document: RerankDocument | undefined): object {
  const told = typeof document === 'string' ? { text: document } : document
  return { index, relevance_score: score, ...defined({ document: told }) }
}

/** Cohere's clients show `message`, Jina's `detail`, and those of servers like OpenAI's `error.message`. */
function rerankErrorBody(problem: HttpProblem): string {
  const { type, code, param = null } = problem
  const message = spoken(problem)
  return JSON.stringify({ error: { message, type, param, code }, message, detail: message })
}
