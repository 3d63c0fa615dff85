/** What every request passes before its handler: host and origin, CORS for listed pages, draining, then the key. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Allowance } from '../allowance/allowance.ts'
import { LIMIT_HEADERS, limitHeaders } from '../allowance/limit-headers.ts'
import { type KeyRing, LOCAL_USER } from './credentials.ts'
import type { TrustedProxies } from './forwarded.ts'
import type { HostGuard } from './host-guard.ts'
import type { OpenConnections } from './open-connections.ts'
import { boundUnread } from './unread-answer.ts'

export interface DoorComponents {
  /** Known once the port is. */
  readonly guard: () => HostGuard
  readonly draining: () => boolean
  readonly proxies: TrustedProxies
  /** How long an answer that has been written may lie unread, milliseconds. */
  readonly unreadMs: number
}

const EXPOSED = [
  ...['x-realmesh', 'x-realmesh-query', 'x-realmesh-node', 'x-realmesh-builtin', 'x-realmesh-ignored'],
  ...['x-realmesh-queue', 'x-realmesh-overhead-us', 'retry-after', ...LIMIT_HEADERS],
].join(', ')

/** Installs the checks that hold for every path, unknown ones included. */
export function guardDoor(app: FastifyInstance, components: DoorComponents, version: string): void {
  app.decorateRequest('realmeshUser', LOCAL_USER)
  app.decorateRequest('realmeshOrigin', '')
  app.addHook('onRequest', (request, reply, done) => {
    // Set on the raw response: answers that bypass fastify's reply carry it too.
    reply.raw.setHeader('x-realmesh', version)
    boundUnread(reply.raw, components.unreadMs)
    const proxy = components.proxies.factsOf(request.raw)
    const host = proxy.host ?? request.headers.host ?? ''
    request.realmeshOrigin = `${(proxy.secure ?? request.protocol === 'https') ? 'https' : 'http'}://${host.toLowerCase()}`
    const refusal = components.guard().refusal(request.raw, proxy)
    if (refusal !== undefined) return done(refusal)
    if (request.headers.origin !== undefined) allowPage(request, reply)
    if (components.draining()) return done(drainingError(reply))
    done()
  })
  app.options('/*', (_request, reply) => reply.code(204).send())
}

/** Lets `connections` know which of them are being answered: requests that are whole, and whose client may enter. */
export function noteServed(app: FastifyInstance, connections: OpenConnections): void {
  app.addHook('preHandler', (request, _reply, done) => {
    if (!request.is404) connections.serving(request.raw.socket)
    done()
  })
  app.addHook('onResponse', (request, _reply, done) => {
    if (!request.is404) connections.served(request.raw.socket)
    done()
  })
}

/** Installs the key check for the routes of `app`. Which keys there are, and whether any, is asked of every request. */
export function requireKey(app: FastifyInstance, keys: KeyRing): void {
  app.addHook('onRequest', (request, reply, done) => enterByKey(keys, request, reply, done))
}

/** The check itself: notes the caller, or ends with the reason why they may not enter. */
export function enterByKey(
  keys: KeyRing,
  request: FastifyRequest,
  reply: FastifyReply,
  done: (error?: Error) => void,
): void {
  try {
    const { user, allowance } = keys.callerOf(request.headers)
    request.realmeshUser = user
    if (allowance !== undefined) spend(allowance, reply)
    done()
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)))
  }
}

/** Counts the request, and tells how its key stands: a refused one too. Throws `KEY_LIMIT`. */
function spend(allowance: Allowance, reply: FastifyReply): void {
  try {
    allowance.request()
  } finally {
    for (const [name, value] of Object.entries(limitHeaders(allowance))) reply.raw.setHeader(name, value)
  }
}

/** Tells the browser that a listed page may read the answer. The guard has let the origin pass. */
function allowPage(request: FastifyRequest, reply: FastifyReply): void {
  const raw = reply.raw
  raw.setHeader('access-control-allow-origin', String(request.headers.origin))
  raw.setHeader('vary', 'origin')
  raw.setHeader('access-control-expose-headers', EXPOSED)
  if (request.method !== 'OPTIONS') return
  raw.setHeader('access-control-allow-methods', 'GET, POST, DELETE')
  const wanted = request.headers['access-control-request-headers']
  if (wanted !== undefined) raw.setHeader('access-control-allow-headers', wanted)
  raw.setHeader('access-control-max-age', '600')
}

function drainingError(reply: FastifyReply): RealmeshError {
  reply.raw.setHeader('connection', 'close')
  return new RealmeshError('DRAINING', 'this node is about to stop', { fix: 'ask another node, or try again later' })
}
