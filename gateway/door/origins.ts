/**
 * Which pages may call the gateway, by what their browser says of them. Everything is compared as text: to a parser the
 * origin of `app://x` is `null`, and `null` is every sandboxed frame.
 */
import { isIP } from 'node:net'

/**
 * The parts of a `Host` header, in lower case; undefined when it is none. An address counts as one in its usual form
 * only: `2130706433` and `0x7f.1` are nothing that a browser sends.
 */
export function parseHost(host: string): { readonly name: string; readonly port: string | undefined } | undefined {
  const [, bracketed, plain, port] =
    /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?$/.exec(host.toLowerCase()) ?? []
  const name = bracketed ?? plain
  return name === undefined || (bracketed !== undefined && isIP(bracketed) !== 6) ? undefined : { name, port }
}

/** What `allowed_origins` may hold beside exact origins, as what its origins begin with. */
const ANY_PORT = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\]):\*$/
const ANY_PLACE = /^(?!https?:)[a-z][a-z0-9+.-]*:\/\/\*$/

export class OriginList {
  readonly #exact: ReadonlySet<string>
  readonly #anyPort: readonly string[]
  readonly #anyPlace: readonly string[]

  /**
   * Exact origins, `http://localhost:*` (any port of a loopback name, for development servers) and `scheme://*` (any
   * page of an app scheme, whose places are random).
   */
  constructor(allowed: readonly string[]) {
    this.#exact = new Set(allowed)
    this.#anyPort = allowed.filter((text) => ANY_PORT.test(text)).map((text) => text.slice(0, -1))
    this.#anyPlace = allowed.filter((text) => ANY_PLACE.test(text)).map((text) => text.slice(0, -1))
  }

  has(origin: string): boolean {
    if (this.#exact.has(origin) && !origin.includes('*')) return true
    return (
      this.#anyPort.some((start) => origin.startsWith(start) && /^\d{1,5}$/.test(origin.slice(start.length))) ||
      this.#anyPlace.some((start) => origin.startsWith(start) && /^[^\s/*]+$/.test(origin.slice(start.length)))
    )
  }
}
