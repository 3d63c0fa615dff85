/**
 * Who knocks at `/api/federation`: a listed host with the token that both share, as a bearer, as `x-api-key`, or as the
 * password of an address (`http://any:TOKEN@host`), which is all that RENT-A-HAL's configuration has room for.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { KnownHost } from '../../node/api/federation.ts'
import { carriedKey, hashKey } from '../door/credentials.ts'
import { enterByKey } from '../door/door.ts'
import type { GatewayContext } from '../request/gateway-context.ts'

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i

/** The host that asks; undefined where it is none that is listed and may ask. */
export function askingHost({ node }: GatewayContext, headers: IncomingHttpHeaders): KnownHost | undefined {
  const token = carriedKey(headers) ?? basicPassword(headers)
  if (token === undefined) return undefined
  return node.federation.hostOf(hashKey(token))
}

function basicPassword({ authorization }: IncomingHttpHeaders): string | undefined {
  const [, text] = BASIC.exec(authorization ?? '') ?? []
  if (text === undefined) return undefined
  const pair = Buffer.from(text, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  return colon === -1 || colon === pair.length - 1 ? undefined : pair.slice(colon + 1)
}

/** Hosts only: installs the check for the routes of `app`, before a body is read. */
export function requireHost(app: FastifyInstance, context: GatewayContext): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const host = askingHost(context, request.headers)
    if (host === undefined) {
      done(unknownHost())
      return
    }
    request.realmeshHost = host
    done()
  })
}

/** Hosts, and who may ask for the node's state anyhow. */
export function requireHostOrKey(app: FastifyInstance, context: GatewayContext): void {
  app.addHook('onRequest', (request, reply, done) => {
    request.realmeshHost = askingHost(context, request.headers)
    if (request.realmeshHost !== undefined) done()
    else enterByKey(context.keys, request, reply, done)
  })
}

/** Everyone: it is noted who is a host. */
export function noteHost(app: FastifyInstance, context: GatewayContext): void {
  app.addHook('onRequest', (request, _reply, done) => {
    request.realmeshHost = askingHost(context, request.headers)
    done()
  })
}

/** The host of a request behind `requireHost`. */
export function knownHost({ realmeshHost }: FastifyRequest): KnownHost {
  if (realmeshHost === undefined) throw unknownHost()
  return realmeshHost
}

function unknownHost(): RealmeshError {
  return new RealmeshError('UNAUTHORIZED', 'this host is not listed here, or its token is wrong', {
    fix: 'ask the owner to list it under federation_hosts, and send the shared token as "Authorization: Bearer TOKEN"',
  })
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The listed host that asks, under `/api/federation` only. */
    realmeshHost: KnownHost | undefined
  }
}
