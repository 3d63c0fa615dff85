/** The daemon's HTTP server: one door, behind it one plugin per API family. */
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { defined } from '../core/defined.ts'
import type { Logger } from '../core/logger.ts'
import { RealmeshError } from '../core/realmesh-error.ts'
import { type Clock, systemClock } from '../core/run/clock.ts'
import type { Startable } from '../core/run/startable.ts'
import type { NodeApi } from '../node/api/node-api.ts'
import type { OperatorActs } from './admin/operator-acts.ts'
import type { KeyUsage } from './allowance/allowance.ts'
import type { DayOfTokens } from './allowance/allowances.ts'
import { limitedNode } from './allowance/limited-node.ts'
import type { RegisteredRoute } from './described/notes/route-note.ts'
import { noteRoutes } from './described/registered-routes.ts'
import { assertMayBind, bindError, hostPort, isLoopbackHost, isWildcardHost } from './door/bind.ts'
import { type GatewayKey, KeyRing } from './door/credentials.ts'
import { guardDoor, noteServed } from './door/door.ts'
import { TrustedProxies } from './door/forwarded.ts'
import { HostGuard } from './door/host-guard.ts'
import { MAX_HTTP_CONNECTIONS, OpenConnections } from './door/open-connections.ts'
import { readOwnNames } from './door/own-names.ts'
import { type CertificatePair, takeCertificate } from './door/tls-server.ts'
import { parseForms } from './forms/form-routes.ts'
import { mountRoutes, type Served } from './mount-routes.ts'
import { newApp } from './new-app.ts'
import { newBatchRunner } from './openai/batches/batch-routes.ts'
import type { BatchRunner } from './openai/batches/run/batch-runner.ts'
import { openAiErrorBody } from './openai/format/answer-parts.ts'
import { ResponseDesk } from './openai/responses/kept/response-desk.ts'
import { responseSockets } from './openai/responses/socket/response-sockets.ts'
import type { PageInit } from './rentahal/page/page-routes.ts'
import { RentAHalSockets } from './rentahal/session/rentahal-sockets.ts'
import { BodyBudget } from './request/body-budget.ts'
import { handleErrors } from './request/error-handler.ts'
import type { GatewayContext } from './request/gateway-context.ts'
import { parseJsonBodies } from './request/json-body.ts'
import { STALLED_READER_MS } from './request/limits.ts'
import { type SocketsAt, takeUpgrades } from './sockets/upgrades.ts'

export interface GatewayComponents {
  readonly node: NodeApi
  /** What the operator may do; absent: there are no admin routes. */
  readonly control?: OperatorActs
  readonly log: Logger
  /** @default systemClock */
  readonly clock?: Clock
}

export interface GatewayInit {
  /** Address to listen on; anything but loopback needs a key. */
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** The keys that open the gateway. Empty: everyone on loopback may enter. */
  readonly apiKeys: readonly GatewayKey[]
  /** SHA-256 of the token that opens the admin routes, hex. Absent: there are none. */
  readonly adminTokenHash?: string
  /** Origins of pages and apps elsewhere that may call us, as `OriginList` has them. @default [] */
  readonly allowedOrigins?: readonly string[]
  /** More names of this gateway for the `Host` check. @default [] */
  readonly allowedHosts?: readonly string[]
  /** Speaks TLS with it. @default plain HTTP */
  readonly certificate?: CertificatePair | undefined
  /** Time for a TLS handshake, milliseconds. @default HANDSHAKE_TIMEOUT_MS */
  readonly handshakeTimeoutMs?: number
  /** Addresses and networks of proxies whose word on the client counts. @default [] */
  readonly trustedProxies?: readonly string[]
  /** Whether a cookie is enough to open `/ws` where others need a key. @default false */
  readonly openToVisitors?: boolean
  /** Tokens that keys used today before this process began. @default none */
  readonly tokensBefore?: DayOfTokens | undefined
  /** Names of this machine, good where a key is needed. @default those that the system tells */
  readonly ownNames?: readonly string[]
  /** A page for browsers. @default none */
  readonly page?: PageInit | undefined
  /** `state`: no queries, only what the node tells of itself and its operator's acts. @default 'queries' */
  readonly serves?: Served
  /** Sent as `x-realmesh` with every response, by which a node knows that it has met a gateway and not an engine. */
  readonly version: string
  /** How long running answers may take to end in `stop()`, milliseconds. */
  readonly drainMs: number
}

export interface Gateway extends Startable {
  /** Where programs find it, with the real port. Throws before `start()`. */
  readonly url: string
  /** Every route, once it has started. */
  readonly routes: readonly RegisteredRoute[]
  /** Every path where a WebSocket is served; there is no other upgrade. */
  readonly upgrades: ReadonlyMap<string, unknown>
  /**
   * Takes other keys from the next request on. Where others than this machine can knock, no key means that nobody
   * enters.
   */
  takeKeys(keys: readonly GatewayKey[]): void
  /** Another certificate for new connections. Throws what OpenSSL says of a bad pair; then nothing has changed. */
  takeCertificate(certificate: CertificatePair): void
  /** What the keys with limits have used, by user. */
  keyUsage(): Readonly<Record<string, KeyUsage>>
  /** What of it must outlast a restart. */
  tokensToday(): DayOfTokens
  /** Goes on with the responses that ran when the last process ended. Call it once the node has started. */
  takeUp(): Promise<void>
}

/** While stopping: how often connections whose answer has ended are closed. */
const SWEEP_EVERY_MS = 50

/** A gateway in front of `components.node`. Nothing is acquired before `start()`. */
export function createGateway(components: GatewayComponents, init: GatewayInit): Gateway {
  return new HttpGateway(components, init)
}

class HttpGateway implements Gateway {
  readonly #init: GatewayInit
  readonly #context: GatewayContext
  readonly #control: OperatorActs | undefined
  readonly #desk: ResponseDesk
  readonly upgrades = new Map<string, SocketsAt>()
  #batches: BatchRunner | undefined
  #app: FastifyInstance | undefined
  #certificate: CertificatePair | undefined
  #guard: HostGuard | undefined
  #connections: OpenConnections | undefined
  #port = 0
  #routes: readonly RegisteredRoute[] = []
  #stopping: Promise<void> | undefined

  constructor(components: GatewayComponents, init: GatewayInit) {
    this.#init = init
    this.#certificate = init.certificate
    this.#control = components.control
    const { log, clock = systemClock } = components
    const keys = new KeyRing(
      {
        keys: init.apiKeys,
        owner: init.adminTokenHash,
        openWithoutKeys: isLoopbackHost(init.host),
        tokensBefore: init.tokensBefore,
      },
      { clock, isBanned: (user) => components.node.users.isBanned(user) },
    )
    const node = limitedNode({
      node: components.node,
      allowanceOf: (user) => keys.allowances.of(user),
      lifeOf: (user) => keys.lifeOf(user),
      boundsOf: (user) => defined({ permitted: keys.permitted(user), scopeLimit: keys.scopeLimit(user) }),
    })
    this.#context = { node, log, clock, keys, version: init.version }
    this.#desk = new ResponseDesk(this.#context)
  }

  get #secure(): boolean {
    return this.#certificate !== undefined
  }

  get routes(): readonly RegisteredRoute[] {
    return this.#routes
  }

  get url(): string {
    if (this.#guard === undefined) throw new RealmeshError('INTERNAL', 'the gateway has no address before it started')
    const { host } = this.#init
    return `${this.#secure ? 'https' : 'http'}://${hostPort(isWildcardHost(host) ? '127.0.0.1' : host, this.#port)}`
  }

  async start(): Promise<void> {
    if (this.#app !== undefined) return
    const { host, port } = this.#init
    assertMayBind(host, this.#context.keys.size)
    const ownNames = this.#init.ownNames ?? (await readOwnNames())
    const app = this.#assemble()
    try {
      // The default of 511 makes the rest of a crowd wait for a second and more, until their kernels try again.
      await app.listen({ host, port, backlog: MAX_HTTP_CONNECTIONS })
    } catch (cause) {
      await app.close()
      throw bindError(cause, host, port)
    }
    this.#app = app
    this.#port = (app.server.address() as AddressInfo).port
    const { keys } = this.#context
    this.#guard = new HostGuard({
      ...this.#init,
      ownNames,
      port: this.#port,
      secure: this.#secure,
      needsKey: () => keys.size > 0,
    })
  }

  takeKeys(keys: readonly GatewayKey[]): void {
    this.#context.keys.replace(keys)
  }

  takeCertificate(certificate: CertificatePair): void {
    if (this.#app !== undefined) takeCertificate(this.#app.server, certificate)
    this.#certificate = certificate
  }

  keyUsage(): Readonly<Record<string, KeyUsage>> {
    return this.#context.keys.allowances.usage()
  }

  tokensToday(): DayOfTokens {
    return this.#context.keys.allowances.today()
  }

  async takeUp(): Promise<void> {
    await Promise.all([this.#desk.takeUp(), this.#batches?.start()])
  }

  /** Takes no new work, lets running answers end, then closes. What does not end within `drainMs` is cut. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    const app = this.#app
    if (app === undefined) return
    const { clock } = this.#context
    this.#desk.suspend()
    for (const sockets of this.upgrades.values()) sockets.stop()
    const lines = this.#batches?.stop()
    const cancelCut = clock.after(this.#init.drainMs, () => this.#connections?.closeAll())
    let cancelSweep = (): void => {}
    const sweep = (): void => {
      this.#connections?.closeIdle()
      cancelSweep = clock.after(SWEEP_EVERY_MS, sweep)
    }
    // At once: the framework first goes through all of its plugins, and takes connections meanwhile.
    app.server.close()
    const closed = app.close()
    sweep()
    await Promise.all([closed, lines])
    cancelSweep()
    cancelCut()
  }

  #assemble(): FastifyInstance {
    const { version, handshakeTimeoutMs } = this.#init
    const { log } = this.#context
    const app = newApp({ log }, { version, ...defined({ certificate: this.#certificate, handshakeTimeoutMs }) })
    const connections = new OpenConnections(app.server, this.#context.clock)
    this.#connections = connections
    const context = this.#context
    const routes = noteRoutes(app)
    this.#routes = routes
    const budget = new BodyBudget()
    const readJson = parseJsonBodies(app, budget)
    parseForms(app)
    const proxies = new TrustedProxies(this.#init.trustedProxies ?? [])
    const draining = (): boolean => this.#stopping !== undefined
    const door = { guard: () => this.#knownGuard(), draining, proxies, unreadMs: STALLED_READER_MS }
    guardDoor(app, door, context.version)
    this.upgrades.set('/v1/responses', responseSockets({ context, desk: this.#desk, readJson, budget }))
    const rentAHal = { context, control: this.#control, readJson, budget }
    const { openToVisitors } = this.#init
    const users = new RentAHalSockets(rentAHal, defined({ openToVisitors }))
    this.upgrades.set('/ws', users)
    if (this.#init.serves === 'state') this.upgrades.clear()
    takeUpgrades(app.server, {
      ...door,
      context,
      sockets: this.upgrades,
      errorBody: openAiErrorBody,
      onOpen: ({ socket }) => connections.serving(socket),
    })
    noteServed(app, connections)
    handleErrors(app, context.log, openAiErrorBody)
    const batches = newBatchRunner(context, this.#desk, readJson)
    this.#batches = batches
    const { adminTokenHash: tokenHash, page, serves = 'queries' } = this.#init
    mountRoutes(app, serves, {
      context,
      routes,
      desk: this.#desk,
      batches,
      traffic: (realm) => users.trafficOf(realm),
      ...defined({ control: this.#control, tokenHash, page }),
    })
    return app
  }

  #knownGuard(): HostGuard {
    if (this.#guard === undefined) throw new RealmeshError('DRAINING', 'the gateway is about to start')
    return this.#guard
  }
}
