/** Speaks to the daemon of a home through its gateway, with node:http alone: a command shall answer at once. */

import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { defined } from '../../core/defined.ts'
import { isErrorCode, RealmeshError } from '../../core/realmesh-error.ts'
import { readAdminToken } from '../../home/admin-token.ts'
import type { HomeFolder } from '../../home/home-folder.ts'
import { livingDaemon } from '../../home/home-lock.ts'
import { daemonNotRunning, readRuntimeFile } from '../../home/runtime-file.ts'

/** A status of a node with thousands of peers stays below it. */
const MAX_REPLY_BYTES = 32 * 2 ** 20

/** The gateway answers about itself in milliseconds; only answers to queries take longer. */
const REPLY_TIMEOUT_MS = 10_000

export interface GatewayCall {
  readonly method?: 'GET' | 'POST'
  /** Sent as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

export class GatewayClient {
  readonly #home: HomeFolder
  readonly #base: string
  readonly #apiKey: string | undefined

  /** Use `connect`. */
  constructor(home: HomeFolder, base: string, apiKey: string | undefined) {
    this.#home = home
    this.#base = base
    this.#apiKey = apiKey
  }

  /**
   * The gateway of the daemon that runs with `home`, with the key in `REALMESH_API_KEY` or else as the owner of the home. Throws
   * `DAEMON_NOT_RUNNING`.
   */
  static async connect(home: HomeFolder, env: Readonly<Record<string, string | undefined>>): Promise<GatewayClient> {
    const { http, pid } = await readRuntimeFile(home)
    return new GatewayClient(home, http, env['REALMESH_API_KEY'] || (await ownersToken(home, pid)))
  }

  /** The reply's JSON. Throws what the gateway says is wrong, under the same code. */
  async json(path: string, call: GatewayCall = {}): Promise<unknown> {
    const reply = await this.open(path, call)
    reply.setTimeout(REPLY_TIMEOUT_MS, () => {
      reply.destroy(new RealmeshError('TIMEOUT', `the daemon did not answer within ${REPLY_TIMEOUT_MS} ms`))
    })
    return JSON.parse(await textOf(reply))
  }

  /** A reply with a good status, its body still to be read. Throws what the gateway says is wrong, under the same code. */
  async open(path: string, call: GatewayCall = {}): Promise<IncomingMessage> {
    const reply = await this.#send(path, call)
    const status = reply.statusCode ?? 0
    if (status < 400) return reply
    throw refusal(status, await textOf(reply))
  }

  async #send(path: string, { method = 'GET', body, headers, signal }: GatewayCall): Promise<IncomingMessage> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const call = request(`${this.#base}${path}`, {
      method,
      headers: {
        ...headers,
        ...(text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        ...(this.#apiKey === undefined ? {} : { authorization: `Bearer ${this.#apiKey}` }),
      },
      ...defined({ signal }),
    })
    call.end(text)
    return await this.#replyOf(call)
  }

  #replyOf(call: ClientRequest): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      call.once('response', resolve)
      call.once('error', (cause: NodeJS.ErrnoException) => {
        const gone = cause.code === 'ECONNREFUSED' || cause.code === 'ECONNRESET'
        reject(gone ? daemonNotRunning(this.#home, cause) : cause)
      })
    })
  }
}

async function textOf(reply: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of reply) {
    const bytes: Buffer = chunk
    length += bytes.length
    if (length > MAX_REPLY_BYTES)
      throw new RealmeshError('INTERNAL', `the daemon's answer has over ${MAX_REPLY_BYTES} bytes`)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

interface ErrorBody {
  readonly error?: { readonly message?: unknown; readonly code?: unknown; readonly fix?: unknown }
}

/** The gateway's error body (OpenAI's shape, with our `fix`) as the error that it was. */
export function refusal(status: number, text: string): RealmeshError {
  return errorOf(parse(text), status)
}

/** The same for a body that is parsed already, such as an error within a stream. */
export function errorOf(body: unknown, status: number): RealmeshError {
  const { error } = (typeof body === 'object' && body !== null ? body : {}) as ErrorBody
  const code = String(error?.code ?? '').toUpperCase()
  const message = typeof error?.message === 'string' ? error.message : `the daemon answered with status ${status}`
  const fix = typeof error?.fix === 'string' ? { fix: error.fix } : {}
  return new RealmeshError(
    isErrorCode(code) ? code : (OPENAI_CODES[code] ?? STATUS_CODES[status] ?? 'INTERNAL'),
    message,
    fix,
  )
}

/** Where the gateway says OpenAI's word instead of ours. */
const OPENAI_CODES: Readonly<Record<string, 'CONTEXT_TOO_LONG' | 'UNAUTHORIZED' | 'REALM_OVERLOADED' | 'ENGINE_BUSY'>> =
  {
    CONTEXT_LENGTH_EXCEEDED: 'CONTEXT_TOO_LONG',
    INVALID_API_KEY: 'UNAUTHORIZED',
    RATE_LIMIT_EXCEEDED: 'REALM_OVERLOADED',
    OVERLOADED: 'ENGINE_BUSY',
  }

const STATUS_CODES: Readonly<Record<number, 'BAD_REQUEST' | 'UNAUTHORIZED' | 'FORBIDDEN' | 'QUERY_NOT_FOUND'>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'QUERY_NOT_FOUND',
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // Not our gateway's words; the status still tells something.
  }
}

/**
 * The admin token, by which the owner may do what a key allows. Only for the process that wrote the address: a killed daemon leaves its
 * address behind, and another user's program may listen there since.
 */
async function ownersToken(home: HomeFolder, pid: number): Promise<string | undefined> {
  return (await livingDaemon(home)) === pid ? await readAdminToken(home) : undefined
}
