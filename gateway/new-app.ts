/** The HTTP server of a gateway, with every bound on connections and heads, before there is a route. */
import type { RequestListener } from 'node:http'
import fastify, { type FastifyInstance } from 'fastify'
import type { Logger } from '../core/logger.ts'
import { dialectConstraint } from './anthropic/dialect.ts'
import { type CertificatePair, createTlsServer } from './door/tls-server.ts'
import { openAiErrorBody } from './openai/format/answer-parts.ts'
import { problemOf, refuseGarbage, sendProblem } from './request/error-handler.ts'
import * as limits from './request/limits.ts'
import { pathMeant } from './request/path-meant.ts'
import { answerExpectations } from './request/read-body.ts'

export interface NewAppInit {
  readonly version: string
  /** Speaks TLS with it. @default plain HTTP */
  readonly certificate?: CertificatePair
  /** Milliseconds. @default HANDSHAKE_TIMEOUT_MS */
  readonly handshakeTimeoutMs?: number
  /** @default those of `limits.ts` */
  readonly times?: RequestTimes
}

/** How long a request may take to come, milliseconds. */
export interface RequestTimes {
  readonly headMs: number
  readonly wholeMs: number
  /** How often those are looked for that take longer. */
  readonly checkedEveryMs: number
}

const REQUEST_TIMES: RequestTimes = {
  headMs: limits.HEADERS_TIMEOUT_MS,
  wholeMs: limits.REQUEST_TIMEOUT_MS,
  checkedEveryMs: limits.HEADS_CHECKED_EVERY_MS,
}

/** Nothing listens yet. */
export function newApp({ log }: { readonly log: Logger }, init: NewAppInit): FastifyInstance {
  const { version, certificate, handshakeTimeoutMs, times = REQUEST_TIMES } = init
  const http = {
    requestTimeout: times.wholeMs,
    keepAliveTimeout: limits.KEEP_ALIVE_MS,
    headersTimeout: times.headMs,
    connectionsCheckingInterval: times.checkedEveryMs,
    maxHeaderSize: limits.MAX_HEADER_BYTES,
  }
  const app = fastify({
    logger: false,
    requestTimeout: times.wholeMs,
    keepAliveTimeout: limits.KEEP_ALIVE_MS,
    http,
    ...(certificate !== undefined && {
      serverFactory: (handler: RequestListener) => createTlsServer(handler, { certificate, http, handshakeTimeoutMs }),
    }),
    return503OnClosing: false,
    rewriteUrl: ({ url }) => pathMeant(url ?? '/'),
    frameworkErrors: (error, _request, reply) => {
      reply.raw.setHeader('x-realmesh', version)
      sendProblem(reply, problemOf(error, log), openAiErrorBody)
    },
    clientErrorHandler: refuseGarbage,
    routerOptions: { maxParamLength: limits.MAX_HEADER_BYTES, constraints: { dialect: dialectConstraint } },
  })
  app.server.maxHeadersCount = limits.MAX_HEADERS
  answerExpectations(app.server)
  // A client may end its side and wait for the answer; `client-signal.ts` tells that from leaving.
  Object.assign(app.server, { httpAllowHalfOpen: true })
  return app
}
