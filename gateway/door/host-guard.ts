/**
 * Which requests a browser may have been tricked into: exact lists of `Host` (against DNS rebinding) and `Origin`
 * (against cross-site requests). Comparison is of whole strings, never of patterns. Programs that are no browsers send
 * no Origin and pass.
 */
import type { IncomingMessage } from 'node:http'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { hostPort, isWildcardHost } from './bind.ts'

export interface HostGuardInit {
  /** The address that the gateway listens on. */
  readonly host: string
  /** The real port. */
  readonly port: number
  /**
   * More names for this gateway, such as `rig.lan` or `rig.lan:8443`; without a port, with ours or with none. @default
   * []
   */
  readonly allowedHosts?: readonly string[]
  /** Origins of pages elsewhere that may call us, such as `https://chat.example.org`. @default [] */
  readonly allowedOrigins?: readonly string[]
}

/** What the guard looks at: a part of `IncomingMessage`. */
export interface GuardedRequest {
  readonly url?: string | undefined
  readonly headers: Pick<IncomingMessage['headers'], 'host' | 'origin' | 'sec-fetch-site'>
  readonly socket: { readonly localAddress?: string | undefined }
}

/** What `Sec-Fetch-Site` says of requests that no foreign page made. */
const OWN_SITES: ReadonlySet<string> = new Set(['same-origin', 'none'])

export class HostGuard {
  readonly #hosts: ReadonlySet<string>
  readonly #origins: ReadonlySet<string>
  readonly #wildcard: boolean
  readonly #port: number

  constructor(init: HostGuardInit) {
    this.#port = init.port
    this.#wildcard = isWildcardHost(init.host)
    this.#hosts = new Set(hostList(init))
    this.#origins = new Set([
      ...[...this.#hosts].map((host) => `http://${host}`),
      ...(init.allowedOrigins ?? []).map((origin) => new URL(origin).origin),
    ])
  }

  /** The reason to refuse the request, or undefined. */
  refusal(request: GuardedRequest): RealmeshError | undefined {
    const { host, origin, 'sec-fetch-site': site } = request.headers
    if (request.url?.startsWith('/') !== true && request.url !== '*') {
      return forbidden('the request names a whole URL instead of a path', 'this gateway is not a proxy')
    }
    if (!this.#knowsHost(host, request.socket.localAddress)) {
      return forbidden(
        'the Host header names another server',
        'call http://127.0.0.1, or add the name to allowed hosts',
      )
    }
    if (origin !== undefined) {
      return this.allowsOrigin(origin)
        ? undefined
        : forbidden('a page of another origin made this request', 'add its origin to allowed origins')
    }
    if (site !== undefined && !OWN_SITES.has(String(site))) {
      return forbidden(
        'a page of another site made this request',
        'open the gateway itself, not by a link from elsewhere',
      )
    }
    return undefined
  }

  /** Whether pages of `origin` may call us. */
  allowsOrigin(origin: string): boolean {
    return this.#origins.has(origin)
  }

  #knowsHost(host: string | undefined, localAddress: string | undefined): boolean {
    if (host === undefined) return false
    const name = host.toLowerCase()
    if (this.#hosts.has(name)) return true
    // Bound to every address, the one that the client reached is ours too; a rebound name is never equal to it.
    return this.#wildcard && localAddress !== undefined && name === hostPort(unmapped(localAddress), this.#port)
  }
}

function hostList(init: HostGuardInit): string[] {
  const bound = isWildcardHost(init.host) ? [] : [init.host]
  const own = ['127.0.0.1', 'localhost', '::1', ...bound].map((host) => hostPort(host, init.port))
  const added = (init.allowedHosts ?? []).flatMap((host) => (hasPort(host) ? [host] : [host, `${host}:${init.port}`]))
  return [...own, ...added].flatMap((host) => withDefaultPort(host.toLowerCase()))
}

/** Browsers leave out port 80. */
function withDefaultPort(host: string): string[] {
  return host.endsWith(':80') ? [host, host.slice(0, -3)] : [host]
}

function hasPort(host: string): boolean {
  return /:\d+$/.test(host) && (!host.startsWith('[') || host.includes(']:'))
}

/** An IPv4 address that arrived on an IPv6 socket, as the client wrote it. */
function unmapped(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address
}

function forbidden(message: string, fix: string): RealmeshError {
  return new RealmeshError('FORBIDDEN', message, { fix })
}
