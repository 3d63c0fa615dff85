/**
 * One host that is told of this node: it is joined once, then advertised to and asked whom it knows, again and again.
 * What it names is noted, and never called.
 */
import type { Logger } from '../../core/logger.ts'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Clock } from '../../core/run/clock.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import { sanitizeEngineText } from '../../engines/http/http-errors.ts'
import { asCount, asObject, asString, type JsonObject, objectsOf } from '../../engines/http/json-shape.ts'
import type { HostClient, HostGreeting } from '../../engines/rentahal-host/host-client.ts'
import type { HostServices, ToldHost } from '../api/federation.ts'

/** A call that takes longer has failed: they are small. */
const CALL_MS = 10_000

/** First pause after a failure; each further one doubles it, up to the interval. */
export const FIRST_RETRY_MS = 30_000

/** Part of the interval by which it varies, so that hosts that started together do not call together. */
const INTERVAL_JITTER = 0.1

/** Nodes that are taken of one answer to `discover`. */
const MAX_DISCOVERED = 64

export interface HostContactComponents {
  /** Absent for the simulated host: what would be sent is told to the log. */
  readonly client: Pick<HostClient, 'state' | 'join' | 'advertise' | 'discover' | 'close'> | undefined
  readonly clock: Clock
  readonly log: Logger
  readonly random: () => number
  readonly greeting: () => HostGreeting
  readonly services: () => HostServices
  /** Told what the host calls itself. */
  readonly onState: (federationId: string) => void
  /** Told of each federation that the host names. */
  readonly onDiscovered: (told: ToldHost) => void
}

export interface HostContactInit {
  /** What the owner calls it. */
  readonly name: string
  /** Where it is, without a password. */
  readonly url: string
  readonly intervalMs: () => number
}

export class HostContact {
  readonly #components: HostContactComponents
  readonly #init: HostContactInit
  readonly #life = linkedAbort()
  #turn: Promise<void> = Promise.resolve()
  #cancel = (): void => {}
  #joined = false
  #failures = 0

  constructor(components: HostContactComponents, init: HostContactInit) {
    this.#components = components
    this.#init = init
  }

  start(): void {
    this.#turn = this.#call()
  }

  /** Calls no more; resolves when what was under way has ended. */
  async stop(): Promise<void> {
    this.#life.abort()
    this.#cancel()
    await this.#turn
    await this.#components.client?.close()
  }

  async #call(): Promise<void> {
    const { log } = this.#components
    const { name, url } = this.#init
    try {
      await this.#tell()
      this.#failures = 0
    } catch (thrown) {
      if (this.#life.signal.aborted) return
      this.#failures += 1
      this.#joined = false
      const { code, message } = toRealmeshError(thrown)
      const level = this.#failures === 1 ? 'warn' : 'debug' // once, until it is reached again
      log[level]({ host: name, url, code }, `the federation host cannot be told of this node: ${message}`)
    }
    if (this.#life.signal.aborted) return
    this.#cancel = this.#components.clock.after(this.#pauseMs(), () => {
      this.#turn = this.#call()
    })
  }

  async #tell(): Promise<void> {
    const { client, log, greeting, services, onState } = this.#components
    const { name, url } = this.#init
    const advert = { ...greeting(), services: inWireWords(services()) }
    if (client === undefined) {
      log.info({ host: name, url, simulated: true }, `advertised to ${url} (simulated: nothing was sent)`)
      return
    }
    onState((await this.#within((signal) => client.state(signal))).federationId)
    if (!this.#joined) accepted(await this.#within((signal) => client.join(greeting(), signal)))
    this.#joined = true
    accepted(await this.#within((signal) => client.advertise(advert, signal)))
    log.info({ host: name, url }, `advertised to ${url}`)
    this.#discovered(await this.#within((signal) => client.discover(signal)))
  }

  #discovered(told: JsonObject): void {
    const { greeting, onDiscovered } = this.#components
    const own = greeting().federation_id
    for (const node of objectsOf(told['nodes']).slice(0, MAX_DISCOVERED)) {
      const federationId = asString(node['federation_id'])
      const callbackUrl = asString(node['callback_url'])
      if (federationId === undefined || callbackUrl === undefined || federationId === own) continue
      onDiscovered({ federationId, callbackUrl, services: fromWireWords(node['services']) })
    }
  }

  /** A call by the host's own clock, so that one that never answers ends. */
  async #within<T>(call: (signal: CancelSignal) => Promise<T>): Promise<T> {
    const life = linkedAbort(this.#life.signal)
    life.expireIn(CALL_MS, 'the host did not answer')
    try {
      return await call(life.signal)
    } finally {
      life.release()
    }
  }

  #pauseMs(): number {
    const interval = this.#init.intervalMs()
    if (this.#failures > 0) return Math.min(interval, FIRST_RETRY_MS * 2 ** (this.#failures - 1))
    return interval * (1 - INTERVAL_JITTER + 2 * INTERVAL_JITTER * this.#components.random())
  }
}

/** A refusal of these calls comes with status 200. */
function accepted(told: JsonObject): void {
  const why = asString(told['error']) ?? asString(told['message'])
  if (told['status'] !== 'accepted') {
    throw new RealmeshError('PROTOCOL_ERROR', `it answers ${sanitizeEngineText(why ?? String(told['status']))}`)
  }
}

/** Services as they stand in an advertisement. */
export function inWireWords(services: HostServices): JsonObject {
  const rows = Object.entries(services)
  return Object.fromEntries(
    rows.map(([type, { realm, workers }]) => [type, { primary_realm: realm, worker_count: workers }]),
  )
}

/** The same read, whatever came; what is no service is left out. */
export function fromWireWords(value: unknown): HostServices {
  return Object.fromEntries(
    Object.entries(asObject(value) ?? {}).flatMap(([type, told]) => {
      const service = asObject(told)
      const realm = asString(service?.['primary_realm'])
      return realm === undefined ? [] : [[type, { realm, workers: asCount(service?.['worker_count']) ?? 0 }]]
    }),
  )
}
