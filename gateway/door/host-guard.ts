/**
 * Which requests a browser may have been tricked into: lists of `Host` (against DNS rebinding) and `Origin` (against
 * cross-site requests), compared as text. Programs that are no browsers send no Origin and pass.
 *
 * What rebinding can do, and why these names are safe: the attacker's page keeps the attacker's name in `Host`,
 * wherever that name leads by then. It can never say `localhost` or an address, since no name server is asked for
 * these. The port says only which way the client came (`ssh -L`, `docker -p`, a proxy), so it is compared only where
 * the owner names one. A name that a name server does give out (the machine's own, Docker's for it) could be given out
 * by a hostile one: such names, and addresses other than loopback, count where a key is needed, which no rebound page
 * has.
 */
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { hostPort, isLoopbackHost, isWildcardHost, unmapped } from './bind.ts'
import type { ForwardedFacts } from './forwarded.ts'
import { OriginList, parseHost } from './origins.ts'

export interface HostGuardInit {
  /** The address that the gateway listens on. */
  readonly host: string
  /** The real port. */
  readonly port: number
  /**
   * More names for this gateway, such as `rig.lan` or `rig.lan:8443`; without a port, with any. @default []
   */
  readonly allowedHosts?: readonly string[]
  /** Pages elsewhere that may call us, as `OriginList` has them. @default [] */
  readonly allowedOrigins?: readonly string[]
  /** Names of this machine, in lower case: good where a key is needed. @default [] */
  readonly ownNames?: readonly string[]
  /** Whether a key is needed now. @default never */
  readonly needsKey?: () => boolean
  /** Whether the gateway itself speaks TLS. @default false */
  readonly secure?: boolean
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
  readonly #init: HostGuardInit
  readonly #allowedHosts: ReadonlySet<string>
  readonly #ownNames: ReadonlySet<string>
  readonly #origins: OriginList
  /** Pages that came from us, whichever of our loopback names either of the two headers has. */
  readonly #ownOrigins: ReadonlySet<string>

  constructor(init: HostGuardInit) {
    this.#init = init
    this.#allowedHosts = new Set((init.allowedHosts ?? []).map((host) => host.toLowerCase()))
    this.#ownNames = new Set(init.ownNames)
    this.#origins = new OriginList(init.allowedOrigins ?? [])
    const names = ['127.0.0.1', 'localhost', '::1'].map((name) => hostPort(name, init.port))
    const [scheme, usualPort] = init.secure === true ? ['https', /:443$/] : ['http', /:80$/]
    this.#ownOrigins = new Set(names.map((name) => `${scheme}://${name.replace(usualPort, '')}`))
  }

  /**
   * The reason to refuse the request, or undefined. `proxy`: what a trusted one says of it; the host that it names must
   * be known beside that of the request, since proxies hand on what a page has written there.
   */
  refusal(request: GuardedRequest, proxy: ForwardedFacts = {}): RealmeshError | undefined {
    const { host, origin, 'sec-fetch-site': site } = request.headers
    if (request.url?.startsWith('/') !== true && request.url !== '*') {
      return forbidden('the request names a whole URL instead of a path', 'this gateway is not a proxy')
    }
    if (host === undefined || !this.#knowsHost(host, request.socket.localAddress)) return this.#foreignHost(host ?? '')
    const outer = proxy.host ?? host
    if (!this.#knowsHost(outer, request.socket.localAddress)) return this.#foreignHost(outer)
    if (origin !== undefined) {
      return this.#allowsOrigin(origin, outer, proxy.secure) ? undefined : foreignOrigin(origin)
    }
    if (site !== undefined && !OWN_SITES.has(String(site))) {
      return forbidden(
        'a page of another site made this request',
        'open the gateway itself, not by a link from elsewhere',
      )
    }
    return undefined
  }

  /** A page is ours when its origin is the very host that it calls, and that host is ours. */
  #allowsOrigin(origin: string, host: string, proxySecure: boolean | undefined): boolean {
    const called = host.toLowerCase()
    if (this.#ownOrigins.has(origin) || this.#origins.has(origin)) return true
    const told = proxySecure ?? (this.#init.secure === true ? true : undefined)
    if (origin === `http://${called}`) return told !== true
    if (origin !== `https://${called}`) return false
    // A proxy in front of us may speak TLS and not say so; at loopback names nothing of ours does.
    return told ?? !isLoopbackHost(parseHost(called)?.name ?? '')
  }

  #knowsHost(host: string, localAddress: string | undefined): boolean {
    const parsed = parseHost(host)
    if (parsed === undefined) return false
    const { name } = parsed
    if (isLoopbackHost(name) || this.#allowedHosts.has(name) || this.#allowedHosts.has(host.toLowerCase())) return true
    const bound = this.#init.host
    if (!isWildcardHost(bound)) {
      if (name === bound.toLowerCase()) return true
    } else if (localAddress !== undefined && name === unmapped(localAddress)) return true
    return this.#init.needsKey?.() === true && this.#isNameOfMachine(name)
  }

  /** In a container, or behind a router, the address that the client called is none of this machine's. */
  #isNameOfMachine(name: string): boolean {
    return this.#ownNames.has(name) || (isIP(name) !== 0 && !isWildcardHost(name))
  }

  #foreignHost(host: string): RealmeshError {
    const { name } = parseHost(host) ?? {}
    const here = `call ${this.#init.secure === true ? 'https' : 'http'}://${hostPort('127.0.0.1', this.#init.port)}`
    if (name === undefined) return forbidden('the Host header names no server', here)
    const shown = name.slice(0, MAX_SHOWN)
    const key = this.#isNameOfMachine(name) ? ', or add an API key (realmesh keys add)' : ''
    return forbidden(
      `the Host header names another server, ${shown}`,
      `${here}, or allow the name with --allowed-host ${shown} (node.allowed_hosts in realms.yml)${key}`,
    )
  }
}

/** Longest name or origin that is repeated to its sender. */
const MAX_SHOWN = 100

function foreignOrigin(origin: string): RealmeshError {
  const message = 'a page of another origin made this request'
  if (!/^[a-z][a-z0-9+.-]*:\/\/[\w.:[\]-]+$/.test(origin)) {
    return forbidden(message, 'a file or a sandboxed frame is like any other: serve the page over http')
  }
  const shown = origin.slice(0, MAX_SHOWN)
  return forbidden(message, `allow it with --allowed-origin ${shown} (node.allowed_origins in realms.yml)`)
}

function forbidden(message: string, fix: string): RealmeshError {
  return new RealmeshError('FORBIDDEN', message, { fix })
}
