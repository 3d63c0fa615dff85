/**
 * Looks for engines on this host, and at addresses that the owner lists, by what they answer. It asks harmless
 * questions only, never adopts a realmesh node (ours or another's, whose gateway looks like Ollama), and says why it
 * left out what it left out.
 */

import { defined } from '../core/defined.ts'
import type { EngineKind } from '../core/model/engine-kind.ts'
import { RealmeshError } from '../core/realmesh-error.ts'
import type { CancelSignal } from '../core/run/cancel-signal.ts'
import { type LinkedAbort, linkedAbort } from '../core/run/linked-abort.ts'
import { codeOf } from '../core/thrown.ts'
import { FINGERPRINTS, type Fingerprint, type Page } from './engine-fingerprints.ts'
import { shownAddress, splitAddress } from './http/engine-access.ts'
import { type EngineRequest, HttpClient } from './http/http-client.ts'
import type { ReplyHead } from './http/http-exchange.ts'
import { asObject } from './http/json-shape.ts'

/** Ports where engines listen unless told otherwise. */
export const ENGINE_PORTS = [11434, 9931, 8080, 8000, 8001, 1234, 5001, 3000, 4000, 7860, 8188, 8880] as const

/** Marks our questions, so that the owner of a log sees who asks. */
export const PROBE_HEADER = 'x-realmesh-probe'

/** Every reply of a realmesh gateway carries it, with the version. */
export const GATEWAY_HEADER = 'x-realmesh'

/** An engine on the same host answers in milliseconds; a slower address is not worth a delayed start. */
const PROBE_TIMEOUT_MS = 500

/** How many times longer the second question to a server that lives may take. */
const PATIENCE = 4

/** Pages of an unknown server are read this far: model lists of hundreds of models stay below it. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024

const LOCKED_REASON = 'it wants a key: name its kind and key to use it'
const LIST_FAILS_REASON = 'its list of models fails; perhaps it wants a key: name its kind and key to use it'
const UNKNOWN_REASON = 'it answers like no engine that is known'
const GATEWAY_REASON = 'a realmesh node, not an engine'

export interface FoundEngine {
  readonly kind: EngineKind
  readonly url: string
  /** The page that gave it away. */
  readonly fingerprint: string
  readonly version?: string
}

export interface RefusedCandidate {
  readonly url: string
  /** Whether something answered there at all. */
  readonly listening: boolean
  /** Whether the port is closed: no program runs there. */
  readonly closed: boolean
  readonly reason: string
}

export interface Detection {
  readonly found: readonly FoundEngine[]
  readonly refused: readonly RefusedCandidate[]
}

export interface DetectInit {
  /** Further base URLs to look at. */
  readonly urls?: readonly string[]
  /** Ports of the loopback interface. @default ENGINE_PORTS */
  readonly ports?: readonly number[]
  /** Milliseconds for each question. @default 500 */
  readonly timeoutMs?: number
}

type Look =
  | { readonly page: Page; readonly gateway: boolean }
  | { readonly problem: string; readonly silent: boolean; readonly closed: boolean }

/** Looks everywhere at once. Never throws for what an address does; throws only when aborted. */
export async function detectEngines(
  init: DetectInit,
  { signal }: { readonly signal: CancelSignal },
): Promise<Detection> {
  const loopback = (init.ports ?? ENGINE_PORTS).map((port) => `http://127.0.0.1:${port}`)
  const urls = [...new Set([...loopback, ...(init.urls ?? [])].map((url) => url.replace(/\/+$/, '')))]
  // A hundred questions at once hang on the caller's signal by one listener.
  const asked = new Set<LinkedAbort>()
  const cancel = (): void => {
    for (const life of asked) life.abort()
  }
  signal.addEventListener('abort', cancel, { once: true })
  const timeoutMs = init.timeoutMs ?? PROBE_TIMEOUT_MS
  const results = await Promise.all(urls.map((url) => examine(url, timeoutMs, asked)))
  signal.removeEventListener('abort', cancel)
  if (signal.aborted) throw new RealmeshError('CANCELLED', 'the search for engines was cancelled')
  return {
    found: results.flatMap((result) => ('kind' in result ? result : [])),
    refused: results.flatMap((result) => ('reason' in result ? result : [])),
  }
}

async function examine(
  address: string,
  timeoutMs: number,
  asked: Set<LinkedAbort>,
): Promise<FoundEngine | RefusedCandidate> {
  const { url, access } = splitAddress({ url: address })
  if (!URL.canParse(url)) return refusedAt(shownAddress(url), 'not a URL', { listening: false })
  const http = new HttpClient({
    engine: 'the server',
    url,
    access,
    headers: { [PROBE_HEADER]: '1' },
    connectTimeoutMs: timeoutMs,
  })
  try {
    const ask = (request: EngineRequest): Promise<Look> => look(http, request, timeoutMs, asked)
    const first = await ask({ path: '/' })
    // One that took the connection may only be busy reading its weights.
    const silent = 'problem' in first && first.silent
    const root = silent ? await look(http, { path: '/' }, timeoutMs * PATIENCE, asked) : first
    if ('problem' in root) return refusedAt(url, root.problem, { listening: false, closed: root.closed })
    if (root.gateway) return refusedAt(url, GATEWAY_REASON)
    const looks = await Promise.all(FINGERPRINTS.map(({ path }) => (path === '/' ? root : ask({ path }))))
    // A page that was late must not turn a llama-server into a nameless one: what lives is asked once more, with
    // patience.
    const again = await Promise.all(
      FINGERPRINTS.map(({ path }, i) => {
        const seen = looks[i]
        return seen !== undefined && 'problem' in seen ? look(http, { path }, timeoutMs * PATIENCE, asked) : seen
      }),
    )
    return await verdict(url, again, ask)
  } finally {
    await http.close()
  }
}

function refusedAt(
  url: string,
  reason: string,
  { listening = true, closed = false }: Partial<Pick<RefusedCandidate, 'listening' | 'closed'>> = {},
): RefusedCandidate {
  return { url, listening, closed, reason }
}

async function verdict(
  url: string,
  looks: readonly (Look | undefined)[],
  ask: (request: EngineRequest) => Promise<Look>,
): Promise<FoundEngine | RefusedCandidate> {
  if (looks.some((each) => each !== undefined && 'gateway' in each && each.gateway))
    return refusedAt(url, GATEWAY_REASON)
  for (const [i, fingerprint] of FINGERPRINTS.entries()) {
    const seen = looks[i]
    if (seen === undefined || !('page' in seen) || !fingerprint.matches(seen.page)) continue
    if (fingerprint.confirm !== undefined && !(await confirmed(fingerprint.confirm, ask))) continue
    const version = fingerprint.version?.(seen.page)
    return { kind: fingerprint.kind, url, fingerprint: fingerprint.path, ...defined({ version }) }
  }
  const locked = looks.some(
    (each) => each !== undefined && 'page' in each && (each.page.status === 401 || each.page.status === 403),
  )
  return refusedAt(url, locked ? LOCKED_REASON : listFails(looks) ? LIST_FAILS_REASON : UNKNOWN_REASON)
}

/** Whether the server has a list of models and cannot tell it: LiteLLM does so when it is asked without its key. */
function listFails(looks: readonly (Look | undefined)[]): boolean {
  const list = looks[FINGERPRINTS.findIndex(({ path }) => path === '/v1/models')]
  return list !== undefined && 'page' in list && list.page.status >= 500
}

async function confirmed(
  { path, json, matches }: NonNullable<Fingerprint['confirm']>,
  ask: (request: EngineRequest) => Promise<Look>,
): Promise<boolean> {
  const seen = await ask({ path, json })
  return 'page' in seen && matches(seen.page)
}

async function look(
  http: HttpClient,
  request: EngineRequest,
  timeoutMs: number,
  asked: Set<LinkedAbort>,
): Promise<Look> {
  const life = linkedAbort()
  asked.add(life)
  life.expireIn(timeoutMs, 'the server did not answer')
  const exchange = http.send(request, { signal: life.signal, maxBytes: MAX_PAGE_BYTES })
  try {
    const head = await exchange.head()
    const text = (await exchange.readAll()).toString('utf8')
    return { page: pageOf(head, text), gateway: head.headers[GATEWAY_HEADER] !== undefined }
  } catch (error) {
    if (!(error instanceof RealmeshError)) return { problem: 'no answer', silent: false, closed: false }
    const { message, code, cause } = error
    return { problem: message, silent: code === 'TIMEOUT', closed: codeOf(cause) === 'ECONNREFUSED' }
  } finally {
    exchange.cancel()
    asked.delete(life)
    life.release()
  }
}

function pageOf({ status }: ReplyHead, text: string): Page {
  try {
    return { status, text, json: asObject(JSON.parse(text)) }
  } catch {
    return { status, text, json: undefined } // not JSON: the text speaks for itself
  }
}
