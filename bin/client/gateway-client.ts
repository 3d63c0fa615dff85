/** Speaks to the daemon of a home through its gateway, with node:http alone: a command must answer at once. */
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'
import { defined } from '../../core/defined.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { codeOf } from '../../core/thrown.ts'
import { readAdminToken } from '../../home/admin-token.ts'
import type { HomeFolder } from '../../home/home-folder.ts'
import { livingDaemon } from '../../home/home-lock.ts'
import { daemonNotRunning, type RuntimeRecord, readRuntimeFile } from '../../home/runtime-file.ts'
import { refusal } from './gateway-error.ts'
import { pinnedConnection } from './pinned-connection.ts'

/** A status of a node with thousands of peers stays below it. */
const MAX_REPLY_BYTES = 32 * 2 ** 20

/**
 * The gateway answers about itself in milliseconds; only answers to queries, and acts on all user data, take longer.
 */
const REPLY_TIMEOUT_MS = 10_000

/** Below it the admin token is the key. */
const ADMIN_PATH = '/api/admin/'

export interface GatewayCall {
  readonly method?: 'GET' | 'POST'
  /** Sent as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

export interface GatewayClientInit {
  /** Makes what aborts a reply that takes too long, for one reply. @default after 10 s */
  readonly limit?: () => AbortSignal
}

export class GatewayClient {
  readonly #home: HomeFolder
  readonly #daemon: RuntimeRecord
  readonly #key: string | undefined
  readonly #limit: () => AbortSignal

  private constructor(home: HomeFolder, daemon: RuntimeRecord, key: string | undefined, init: GatewayClientInit) {
    this.#home = home
    this.#daemon = daemon
    this.#key = key
    this.#limit = init.limit ?? (() => AbortSignal.timeout(REPLY_TIMEOUT_MS))
  }

  /** Where programs of this machine reach the gateway. */
  get address(): string {
    return this.#daemon.http
  }

  /**
   * The gateway of the daemon that runs with `home`, with the key in `REALMESH_API_KEY` or else as the owner of the
   * home. Throws `DAEMON_NOT_RUNNING`, and `TIMEOUT` for a daemon that does not answer at all.
   */
  static async connect(
    home: HomeFolder,
    env: Readonly<Record<string, string | undefined>>,
    init: GatewayClientInit = {},
  ): Promise<GatewayClient> {
    const daemon = await readRuntimeFile(home)
    const key = env['REALMESH_API_KEY'] || ((await isAlive(home, daemon)) ? await readAdminToken(home) : undefined)
    return await new GatewayClient(home, daemon, key, init).#answering()
  }

  /** The same as the operator, with the admin token of the home. Throws `KEY_FILE_LAX`, `KEY_FILE_BAD` too. */
  static async connectAsOperator(home: HomeFolder, init: GatewayClientInit = {}): Promise<GatewayClient> {
    const daemon = await readRuntimeFile(home)
    if (!(await isAlive(home, daemon))) throw daemonNotRunning(home)
    const token = await readAdminToken(home)
    if (token !== undefined) return await new GatewayClient(home, daemon, token, init).#answering()
    throw new RealmeshError('KEY_FILE_BAD', `there is no admin token ${home.adminToken}`, {
      fix: 'restart the node: it makes a new one',
    })
  }

  /**
   * The reply's JSON, within the time limit. Throws what the gateway says is wrong, under the same code, and `TIMEOUT`.
   */
  async json(path: string, call: Omit<GatewayCall, 'signal'> = {}): Promise<unknown> {
    return await this.#within(async (signal) => JSON.parse(await textOf(await this.open(path, { ...call, signal }))))
  }

  /**
   * One act of the operator, such as `shards/add`: its reply, however long it takes. Throws what the node says is
   * wrong.
   */
  async act(name: string, body: object = {}): Promise<unknown> {
    return JSON.parse(await textOf(await this.open(`${ADMIN_PATH}${name}`, { method: 'POST', body })))
  }

  /**
   * A reply with a good status, its body still to be read. Throws what the gateway says is wrong, under the same code.
   */
  async open(path: string, call: GatewayCall = {}): Promise<IncomingMessage> {
    const reply = await this.#send(path, call)
    const status = reply.statusCode ?? 0
    if (status < 400) return reply
    const refused = refusal(status, await textOf(reply))
    throw refused.code === 'UNAUTHORIZED' && !path.startsWith(ADMIN_PATH) ? wrongKey(refused) : traced(refused, reply)
  }

  /** A process that is stopped (SIGSTOP) still takes connections: before a long wait, it is asked whether it lives. */
  async #answering(): Promise<this> {
    await this.#within(async (signal) => textOf(await this.#send('/health', { signal })))
    return this
  }

  async #within<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const limit = this.#limit()
    try {
      return await run(limit)
    } catch (cause) {
      if (!limit.aborted) throw cause
      const { pid } = this.#daemon
      throw new RealmeshError('TIMEOUT', `the daemon (pid ${pid}) does not answer`, {
        fix: `if it is stopped, kill -CONT ${pid} lets it go on; else end it and start it again: realmesh up`,
        cause,
      })
    }
  }

  async #send(path: string, { method = 'GET', body, headers, signal }: GatewayCall): Promise<IncomingMessage> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const json = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text ?? '') }
    const { http, fingerprints = [] } = this.#daemon
    const socket = http.startsWith('https:') ? await this.#greeted(http, fingerprints, signal) : undefined
    const call = request(`${http.replace(/^https:/, 'http:')}${path}`, {
      ...(socket !== undefined && { createConnection: () => socket }),
      method,
      headers: {
        ...headers,
        ...(text !== undefined && json),
        ...(this.#key !== undefined && { authorization: `Bearer ${this.#key}` }),
      },
      ...defined({ signal }),
    })
    call.end(text)
    return await this.#replyOf(call)
  }

  #replyOf(call: ClientRequest): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      call.once('response', resolve)
      call.once('error', (cause: NodeJS.ErrnoException) => reject(this.#unreached(cause)))
    })
  }

  async #greeted(address: string, fingerprints: readonly string[], signal?: AbortSignal): Promise<Socket> {
    try {
      return await pinnedConnection(address, fingerprints, signal)
    } catch (cause) {
      throw this.#unreached(cause)
    }
  }

  #unreached(cause: unknown): unknown {
    const code = codeOf(cause)
    return code === 'ECONNREFUSED' || code === 'ECONNRESET' ? daemonNotRunning(this.#home, cause) : cause
  }
}

/**
 * Whether the process that wrote the address lives: only then may the admin token go there. A killed daemon leaves its
 * address behind, and another user's program may listen there since.
 */
async function isAlive(home: HomeFolder, { pid }: RuntimeRecord): Promise<boolean> {
  return (await livingDaemon(home)) === pid
}

/** A person at a command line sends no header: the key comes from a variable. */
function wrongKey({ message, cause }: RealmeshError): RealmeshError {
  return new RealmeshError('UNAUTHORIZED', message, {
    fix: 'set REALMESH_API_KEY to a key of this node (realmesh keys add makes one), or leave it out as the owner of the home',
    cause,
  })
}

/** The error with the command that tells what was tried, where the gateway has a receipt of it. */
export function traced(error: RealmeshError, { headers }: Pick<IncomingMessage, 'headers'>): RealmeshError {
  const id = headers['x-realmesh-query']
  if (typeof id !== 'string') return error
  const { code, message, retryable } = error
  const fix = [...(error.fix === undefined ? [] : [error.fix]), `realmesh trace ${id} tells what was tried`].join('; ')
  return new RealmeshError(code, message, { fix, retryable, cause: error })
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
