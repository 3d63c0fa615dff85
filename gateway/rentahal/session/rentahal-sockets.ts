/** The sockets of RENT-A-HAL's clients, at `/ws`: who may open one, how many there are, and how they end. */
import type { IncomingMessage } from 'node:http'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { isLoopbackHost } from '../../door/bind.ts'
import { networkOf } from '../../door/open-connections.ts'
import type { BodyBudget } from '../../request/body-budget.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import type { ReadJson } from '../../request/json-body.ts'
import { SocketDoor } from '../../sockets/socket-door.ts'
import type { SocketsAt, Upgrade } from '../../sockets/upgrades.ts'
import { HouseNews } from '../house/house-news.ts'
import { HouseView } from '../house/house-view.ts'
import { RealmConnectionManager, type RealmSockets } from '../realm-connection-manager.ts'
import { type Visitor, VisitorBook } from '../visitors.ts'
import { RentAHalSession } from './rentahal-session.ts'
import type { House, HouseMember, SysopActs } from './session-parts.ts'
import { followUsers } from './user-news.ts'

/** Sockets at once: three quarters of the connections, so that other doors and the owner's commands have theirs. */
export const MAX_RENTAHAL_SOCKETS = 1_500

/** Of one address, this machine apart: a class behind one router, each with some tabs. */
export const MAX_SOCKETS_PER_ADDRESS = 256

/** Bytes of one message: the largest picture that a realm takes by itself, as base64, with what stands around it. */
export const MAX_SOCKET_MESSAGE_BYTES = 24 * 1024 * 1024

export interface RentAHalSocketsComponents {
  readonly context: GatewayContext
  readonly control: SysopActs | undefined
  readonly readJson: ReadJson
  /** Counts what is held of messages, with the bodies of requests. */
  readonly budget: BodyBudget
}

export interface RentAHalSocketsInit {
  /** Whether a cookie is enough where others need a key. @default false */
  readonly openToVisitors?: boolean
}

export class RentAHalSockets implements SocketsAt {
  readonly #connections = new RealmConnectionManager<HouseMember>()
  readonly #visitors: VisitorBook
  readonly #admitted = new WeakMap<IncomingMessage, Visitor>()
  readonly #perAddress = new Map<string, number>()
  readonly #news: HouseNews
  readonly #door: SocketDoor
  readonly #unfollow: () => void

  constructor(components: RentAHalSocketsComponents, { openToVisitors = false }: RentAHalSocketsInit = {}) {
    const { context, control, readJson, budget } = components
    const connections = this.#connections
    const view = new HouseView(context)
    this.#visitors = new VisitorBook(context, { open: openToVisitors })
    this.#news = new HouseNews({ connections, view, clock: context.clock })
    const house: House = {
      ...{ context, control, connections, view, readJson, visitors: this.#visitors },
      tellWorkers: () => this.#news.tellWorkers(),
    }
    this.#unfollow = followUsers(house)
    this.#door = new SocketDoor(
      {
        budget,
        begin: (opened) => {
          const visitor = this.#admitted.get(opened.request) ?? this.#visitors.identify(opened.request)
          this.#news.wake()
          return new RentAHalSession({ ...opened, house, visitor })
        },
      },
      { maxMessageBytes: MAX_SOCKET_MESSAGE_BYTES },
    )
  }

  /** What the sockets of a realm have done; undefined: it had none. */
  trafficOf(realm: string): RealmSockets | undefined {
    return this.#connections.statsOf(realm)
  }

  /** Throws `UNAUTHORIZED`, `KEY_LIMIT` and `REALM_OVERLOADED`. */
  admit(request: IncomingMessage): void {
    const visitor = this.#visitors.identify(request)
    visitor.allowance?.request()
    const address = networkOf(request.socket.remoteAddress ?? '')
    const count = this.#perAddress.get(address) ?? 0
    if (this.#door.size >= MAX_RENTAHAL_SOCKETS || (count >= MAX_SOCKETS_PER_ADDRESS && !isLoopbackHost(address))) {
      throw new RealmeshError('REALM_OVERLOADED', 'too many sockets are open', { fix: 'try again in a moment' })
    }
    this.#admitted.set(request, visitor)
  }

  open(upgrade: Upgrade): void {
    const address = networkOf(upgrade.request.socket.remoteAddress ?? '')
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1)
    upgrade.socket.once('close', () => {
      const left = (this.#perAddress.get(address) ?? 1) - 1
      if (left > 0) this.#perAddress.set(address, left)
      else this.#perAddress.delete(address)
    })
    this.#door.open(upgrade)
  }

  stop(): void {
    this.#unfollow()
    this.#news.stop()
    this.#door.stop()
  }
}
