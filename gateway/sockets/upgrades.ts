/**
 * Requests that want another protocol on their connection. WebSockets are let in by the same checks as any request
 * and count as one; what else is asked for, such as HTTP/2 by clients of Java and curl, is left out and the request
 * answered as it is.
 */
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { DoorComponents } from '../door/door.ts'
import { type ErrorBody, problemOf } from '../request/error-handler.ts'
import type { HttpProblem } from '../request/errors.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import { pathMeant } from '../request/path-meant.ts'

/** A request whose connection is its own from now on. */
export interface Upgrade {
  readonly request: IncomingMessage
  readonly socket: Duplex
  /** What came behind the head. */
  readonly head: Buffer
}

/** The WebSockets of one path. */
export interface SocketsAt {
  /** Lets the request in, and counts it. Throws what keeps it out. @default as a request with a key */
  readonly admit?: (request: IncomingMessage) => void
  open(upgrade: Upgrade): void
  /** Ends each behind what runs on it. */
  stop(): void
}

export interface UpgradesComponents extends Pick<DoorComponents, 'guard' | 'draining' | 'proxies'> {
  readonly context: GatewayContext
  /** Where WebSockets are served, by path. */
  readonly sockets: ReadonlyMap<string, SocketsAt>
  readonly errorBody: ErrorBody
  /** One that is let in is none that waits for a request. */
  readonly onOpen: (request: IncomingMessage) => void
}

/** Headers that are about the protocol that is left out. */
const OF_UPGRADE: ReadonlySet<string> = new Set(['connection', 'upgrade', 'http2-settings'])

/** Call before `server` listens. */
export function takeUpgrades(server: Server, components: UpgradesComponents): void {
  const { context, guard, draining, proxies, sockets, errorBody, onOpen } = components
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') return answerPlainly(server, { request, socket, head })
    socket.on('error', () => socket.destroy())
    try {
      const refusal = guard().refusal(request, proxies.factsOf(request))
      if (refusal !== undefined) throw refusal
      if (draining()) throw new RealmeshError('DRAINING', 'this node is about to stop')
      const path = pathMeant(request.url ?? '/').split('?')[0] ?? '/'
      const served = sockets.get(path)
      if (served?.admit === undefined) context.keys.callerOf(request.headers).allowance?.request()
      else served.admit(request)
      if (served === undefined) throw noSocket([...sockets.keys()])
      onOpen(request)
      served.open({ request, socket, head })
    } catch (thrown) {
      refuse(socket, problemOf(thrown, context.log), { version: context.version, body: errorBody })
    }
  })
}

function noSocket(paths: readonly string[]): RealmeshError {
  return new RealmeshError('BAD_REQUEST', 'there is no WebSocket at this path', { fix: `use ${paths.join(', ')}` })
}

function refuse(
  socket: Duplex,
  problem: HttpProblem,
  { version, body: errorBody }: { readonly version: string; readonly body: ErrorBody },
): void {
  const body = errorBody(problem)
  const headers = {
    ...problem.headers,
    'x-realmesh': version,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}\r\n${lines.join('')}\r\n${body}`)
}

/** Node took its parser off the connection: a new one reads the same request without the wish. */
function answerPlainly(server: Server, { request, socket, head }: Upgrade): void {
  const { method, url, httpVersion, rawHeaders } = request
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (!OF_UPGRADE.has(name.toLowerCase())) text += `${name}: ${rawHeaders[at + 1]}\r\n`
  }
  socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head]))
  server.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket)
}
