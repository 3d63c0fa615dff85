/**
 * A whole answer that takes long: something leaves now and then, before proxies and clients take the silence for
 * death. `102 Processing` leaves the status open, but some clients take it for the answer (Python's http.client and
 * with it requests): it goes to those that are known to skip it, with no proxy between. All others get white space,
 * which is allowed before JSON and fixes the status at 200: an error behind it is told in the body.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../core/run/clock.ts'
import { isForwarded } from '../door/forwarded.ts'
import { PING_EVERY_MS } from '../request/limits.ts'
import { signOfLife } from './client-signal.ts'

/** undici (with it the AI SDK on Node), httpx (with it OpenAI's and Anthropic's packages in Python), aiohttp, curl. */
const SKIPS_102 =
  /^(?:node|undici)\b|\bruntime\/node\.js|\b(?:Async)?(?:OpenAI|Anthropic)\/Python |\b(?:python-httpx|aiohttp|curl)\//

/** OpenAI's and Anthropic's packages for JavaScript, which use undici on Node and tell so in a header. */
const OF_JS = /\b(?:OpenAI|Anthropic)\/JS\b/

/** Whether the client of `request` skips `102 Processing`, as far as it can be known. */
function skipsProcessing({ httpVersion, headers }: Pick<IncomingMessage, 'httpVersion' | 'headers'>): boolean {
  if (httpVersion !== '1.1' || isForwarded(headers)) return false
  const client = headers['user-agent'] ?? ''
  return SKIPS_102.test(client) || (OF_JS.test(client) && headers['x-stainless-runtime'] === 'node')
}

export interface KeepAwakeComponents {
  readonly response: ServerResponse
  readonly clock: Pick<Clock, 'after'>
  /** Whether white space may stand before the answer. @default true */
  readonly spaced?: boolean
}

export class KeepAwake {
  readonly #response: ServerResponse
  readonly #spaced: boolean
  readonly #clock: Pick<Clock, 'after'>
  readonly #headers: () => Record<string, string>
  #cancel = (): void => {}

  /** Begins to count. `headers`: of the answer, asked for when its head must go out before it is there. */
  constructor({ response, clock, spaced = true }: KeepAwakeComponents, headers: () => Record<string, string>) {
    this.#response = response
    this.#spaced = spaced
    this.#clock = clock
    this.#headers = headers
    this.#arm()
  }

  /** Leaves no timer behind. Always call it. */
  release(): void {
    this.#cancel()
  }

  #arm(): void {
    this.#cancel = this.#clock.after(PING_EVERY_MS, () => {
      this.#sign()
      this.#arm()
    })
  }

  #sign(): void {
    const response = this.#response
    if (response.destroyed || response.writableNeedDrain) return
    if (!response.headersSent && skipsProcessing(response.req)) {
      response.writeProcessing()
      return
    }
    if (!this.#spaced) return
    if (!response.headersSent) {
      response.writeHead(200, this.#headers())
      signOfLife(response, () => response.write(' '))
    }
    response.write(' ')
  }
}
