/**
 * Requests that came through a proxy. What it says of the client is believed of the proxies that the owner named, and
 * of nobody else: everyone can write these headers.
 *
 * A proxy on this machine makes each of its clients look like a program here. So a request with a proxy's headers is
 * never "from this machine", and it needs a key where programs here need none, and it never reaches what
 * the operator may do. To write the headers only loses rights, never wins any. A proxy that adds none of them (a plain
 * TCP tunnel) cannot be told from a program: in front of such a one, a key must exist.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import { isLoopbackHost, unmapped } from './bind.ts'

/** Headers that proxies, tunnels and load balancers add, and programs do not. */
const PROXY_HEADERS = [
  ...['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-server'],
  ...['x-real-ip', 'x-client-ip', 'true-client-ip', 'cf-connecting-ip', 'cf-ray', 'fly-client-ip'],
  ...['x-original-forwarded-for', 'tailscale-user-login', 'ngrok-trace-id'],
] as const

/** Whether a proxy has had the request in its hands. */
export function isForwarded(headers: IncomingHttpHeaders): boolean {
  return PROXY_HEADERS.some((name) => headers[name] !== undefined)
}

/** Where a request came from: a part of `IncomingMessage`. */
export interface Arrived {
  readonly headers: IncomingMessage['headers']
  readonly socket: { readonly remoteAddress?: string | undefined }
}

/** Whether a program on this machine made the request, and no proxy handed it on. */
export function isOfThisMachine({ headers, socket }: Arrived): boolean {
  const address = unmapped(socket.remoteAddress ?? '')
  return address !== '' && isLoopbackHost(address) && !isForwarded(headers)
}

/** What a trusted proxy says of the request that it got. */
export interface ForwardedFacts {
  /** `Host` as the client wrote it, where the proxy tells. */
  readonly host?: string
  /** Whether the client spoke TLS to it, where it tells. */
  readonly secure?: boolean
}

const NOTHING: ForwardedFacts = {}

/** The proxies that the owner named. */
export class TrustedProxies {
  readonly #list = new BlockList()
  readonly #some: boolean

  /** `named`: addresses and networks such as `10.0.0.0/8`, as `node.trusted_proxies` has them. */
  constructor(named: readonly string[]) {
    for (const text of named) {
      const [address = '', bits] = text.split('/')
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
      if (bits === undefined) this.#list.addAddress(address, family)
      else this.#list.addSubnet(address, Number(bits), family)
    }
    this.#some = named.length > 0
  }

  /** What the proxy that sent the request says of it; nothing where the sender is none of these. */
  factsOf({ headers, socket }: Arrived): ForwardedFacts {
    if (!this.#some || !this.#trusts(socket.remoteAddress)) return NOTHING
    const { host = last(headers['x-forwarded-host']), proto = last(headers['x-forwarded-proto']) } = standard(headers)
    return {
      ...(host !== undefined && { host }),
      ...(proto !== undefined && { secure: proto.toLowerCase() === 'https' }),
    }
  }

  #trusts(remote: string | undefined): boolean {
    const address = unmapped(remote ?? '')
    const family = isIP(address)
    return family !== 0 && this.#list.check(address, family === 6 ? 'ipv6' : 'ipv4')
  }
}

/** The last element of a list is what the nearest proxy wrote; those before it came with the request. */
function last(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header.at(-1) : header
  return text?.split(',').at(-1)?.trim() || undefined
}

/** `host` and `proto` of the last element of a `Forwarded` header (RFC 7239). */
function standard(headers: IncomingHttpHeaders): { readonly host?: string; readonly proto?: string } {
  const element = last(headers.forwarded)
  if (element === undefined) return {}
  const pairs = element.split(';').map((pair) => /^\s*([a-z]+)="?([^"]*)"?\s*$/i.exec(pair))
  const value = (name: string): string | undefined => pairs.find((pair) => pair?.[1]?.toLowerCase() === name)?.[2]
  const [host, proto] = [value('host'), value('proto')]
  return { ...(host !== undefined && { host }), ...(proto !== undefined && { proto }) }
}
