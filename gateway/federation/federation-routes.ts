/** `/api/federation`: what HTTP hosts of other federations ask, in RENT-A-HAL's shapes. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { checkValue } from '../../core/check-value.ts'
import { traceContext } from '../../core/query/trace-context.ts'
import { messageOf } from '../../core/thrown.ts'
import type { ToldHost } from '../../node/api/federation.ts'
import { clientSignal } from '../answer/client-signal.ts'
import { ollamaErrorBody } from '../api/ollama-error.ts'
import { handleErrors } from '../request/error-handler.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import { advertiseSchema, joinSchema, type RouteBody, routeSchema } from './federation-bodies.ts'
import { joinedWords, nodesWords, notedHosts, notedWords, statusWords } from './federation-words.ts'
import { failed, LINES, sendLines, wholeAnswer } from './host-answer.ts'
import { knownHost, noteHost, requireHost, requireHostOrKey } from './host-door.ts'
import { toHostQuery } from './host-query.ts'

/** Of the body with which a host says who it is, for which it needs no token: the longest words of ours are 20 kB. */
export const MAX_INTRODUCTION_BYTES = 64 * 1024

/** Registers the paths on `app`, whose prefix is `/api/federation`. */
export function federationRoutes(app: FastifyInstance, context: GatewayContext): void {
  const { node, version } = context
  app.decorateRequest('realmeshHost', undefined)
  handleErrors(app, context.log, ollamaErrorBody)
  app.register(async (state) => {
    requireHostOrKey(state, context)
    state.get('/status', ({ realmeshHost }) => {
      const { federation } = node
      const words = statusWords(federation, federation.view(realmeshHost?.relation ?? 'own'), version)
      return realmeshHost === undefined ? { ...words, noted: notedHosts(federation.noted()) } : words
    })
  })
  app.register(async (open) => {
    noteHost(open, context)
    const options = { config: { maxBodyBytes: MAX_INTRODUCTION_BYTES } }
    open.post('/join', options, introduced(context, joinSchema, { error: 'Invalid federation request' }, joinedWords))
    const refusal = { status: 'error', message: 'Invalid service advertisement' }
    open.post(
      '/advertise',
      options,
      introduced(context, advertiseSchema, refusal, () => ({ status: 'accepted' })),
    )
  })
  app.register(async (hosts) => {
    requireHost(hosts, context)
    hosts.get('/discover', (request) => nodesWords(node.federation.others(knownHost(request))))
    hosts.post('/route', routeRoute(context))
  })
}

/** The handler of a host that says who it is. One that is not listed is noted, and never called. */
function introduced(
  { node }: GatewayContext,
  schema: z.ZodType<z.infer<typeof joinSchema> & Partial<z.infer<typeof advertiseSchema>>>,
  refusal: object,
  accepted: (federation: GatewayContext['node']['federation']) => object,
) {
  return (request: FastifyRequest, reply: FastifyReply): object => {
    const parsed = schema.safeParse(request.body)
    if (!parsed.success) return { ...refusal, code: 'BAD_REQUEST' }
    const { federation } = node
    const told = toldHost(parsed.data)
    const { realmeshHost: host } = request
    const expected = host?.federationId ?? told.federationId
    if (host !== undefined && expected === told.federationId) {
      federation.heard(host, told)
      return accepted(federation)
    }
    federation.note(told, request.ip)
    reply.code(202)
    return notedWords(federation)
  }
}

function toldHost(body: z.infer<typeof joinSchema> & Partial<z.infer<typeof advertiseSchema>>): ToldHost {
  const { federation_id: federationId, callback_url: callbackUrl, services = {} } = body
  const rows = Object.entries(services)
  return {
    federationId,
    callbackUrl,
    services: Object.fromEntries(
      rows.map(([type, { primary_realm: realm, worker_count: workers }]) => [type, { realm, workers }]),
    ),
  }
}

function routeRoute(context: GatewayContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | object> => {
    const host = knownHost(request)
    let body: RouteBody
    try {
      body = checkValue(routeSchema, request.body)
    } catch (thrown) {
      return { error: 'Invalid routing request', code: 'BAD_REQUEST', message: messageOf(thrown) }
    }
    const { traceparent, tracestate } = request.headers
    const streamed = String(request.headers.accept ?? '').includes(LINES)
    try {
      const query = toHostQuery(body, host, traceContext(traceparent, tracestate))
      const signal = clientSignal(reply.raw, context.clock)
      const accepted = context.node.federation.route(host, query, { signal })
      const answer = { accepted, resultType: query.type === 'imagine' ? 'image' : 'text' } as const
      return streamed ? await sendLines(context, reply, answer) : await wholeAnswer(context, answer)
    } catch (thrown) {
      return failed(context, thrown)
    }
  }
}
