/**
 * The open connections of a server: whom one more of them may push out, and how all of them end. A connection that
 * waits (for a head, for a body, for its client's next request) holds a place and costs its owner nothing. So there is
 * always room for one more: the oldest that waits goes, of the address that has most of them, those first that were
 * never served. A client that sends its request at once is served long before that.
 */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import type { Clock } from '../../core/run/clock.ts'
import { isLoopbackHost, unmapped } from './bind.ts'

/** Connections at once; a thousand streams and their browsers fit, descriptors stay within common limits. */
export const MAX_HTTP_CONNECTIONS = 2000

/** Of these, only for clients on this machine: the owner's commands work however many others hold connections. */
export const LOOPBACK_ROOM = 200

/**
 * Connections of one other address that wait for a request: a household behind one router, or a proxy with its spare
 * ones, has fewer. Those that are being answered do not count.
 */
export const MAX_WAITING_PER_ADDRESS = 256

/**
 * So long more than that may wait: the connections of a crowd are all there before the first of their requests is read,
 * and a thousand requests take a node half a second, a busy one some.
 */
export const CROWD_MS = 5_000

interface Guest {
  /** The connection, or the TLS within it once its handshake is done. */
  socket: Socket
  readonly address: Address
  /** Requests that are being answered. */
  serving: number
}

/** Who waits of one address, the oldest first. */
interface Address {
  readonly key: string
  readonly isLoopback: boolean
  /** Connections, those that are being served too. */
  open: number
  /** Never served. */
  readonly fresh: Set<Guest>
  /** Between two requests. */
  readonly idle: Set<Guest>
  /** Ends the time in which a crowd may send its requests. */
  cancelCrowd?: (() => void) | undefined
}

export class OpenConnections {
  readonly #server: Server
  readonly #clock: Clock
  readonly #guests = new Map<Socket, Guest>()
  /** Connections in the middle of a TLS handshake, by the address and port of their client. */
  readonly #greeting = new Map<string, Guest>()
  readonly #addresses = new Map<string, Address>()

  /** Call before the server listens. `MAX_HTTP_CONNECTIONS` bounds what is kept. */
  constructor(server: Server, clock: Clock) {
    this.#server = server
    this.#clock = clock
    const isTls = server instanceof TlsServer
    server.on('connection', (socket) => this.#admit(socket, isTls))
    if (isTls) server.on('secureConnection', (socket: Socket) => this.#secure(socket))
  }

  /** A request has come whole and its client may enter: the connection is not pushed out while it is answered. */
  serving(socket: Socket): void {
    const guest = this.#guests.get(socket)
    if (guest === undefined) return
    guest.serving += 1
    guest.address.fresh.delete(guest)
    guest.address.idle.delete(guest)
  }

  /** An answer has ended. */
  served(socket: Socket): void {
    const guest = this.#guests.get(socket)
    if (guest === undefined || guest.serving === 0) return
    guest.serving -= 1
    if (guest.serving === 0) guest.address.idle.add(guest)
  }

  /** Closes connections between two requests, and those that never sent one: Node does not count these as idle. */
  closeIdle(): void {
    this.#server.closeIdleConnections()
    for (const socket of this.#guests.keys()) if (socket.bytesRead === 0) socket.destroy()
  }

  /** Closes all, in the middle of an answer too. */
  closeAll(): void {
    for (const socket of this.#guests.keys()) socket.destroy()
  }

  /** Node tells of the TLS socket only who its client is, and not which connection it is within. */
  #secure(socket: Socket): void {
    const guest = this.#greeting.get(placeOf(socket))
    if (guest === undefined) {
      socket.destroy() // pushed out meanwhile
      return
    }
    this.#greeting.delete(placeOf(socket))
    this.#guests.delete(guest.socket)
    guest.socket = socket
    this.#guests.set(socket, guest)
    socket.once('close', () => this.#forget(guest))
  }

  #admit(socket: Socket, isTls: boolean): void {
    if (this.#guests.has(socket)) return // it begins anew, see upgrades.ts
    const address = this.#addressOf(socket.remoteAddress ?? '')
    const guest: Guest = { socket, address, serving: 0 }
    this.#guests.set(socket, guest)
    if (isTls) {
      const place = placeOf(socket)
      this.#greeting.set(place, guest)
      socket.once('close', () => {
        if (this.#greeting.get(place) === guest) this.#greeting.delete(place)
      })
    }
    address.open += 1
    address.fresh.add(guest)
    socket.once('close', () => this.#forget(guest))
    if (!address.isLoopback && waitingOf(address) > MAX_WAITING_PER_ADDRESS) this.#expectRequests(address)
    const room = address.isLoopback ? MAX_HTTP_CONNECTIONS : MAX_HTTP_CONNECTIONS - LOOPBACK_ROOM
    if (this.#guests.size > room) this.#pushOut(this.#oldestOfLargest(address) ?? guest)
  }

  /** Of all addresses, the one with most that wait; others than loopback may push out others only. */
  #oldestOfLargest(by: Address): Guest | undefined {
    let largest = by
    for (const address of this.#addresses.values()) {
      if (address.isLoopback && !by.isLoopback) continue
      if (waitingOf(address) > waitingOf(largest)) largest = address
    }
    return oldestOf(largest)
  }

  /** Gives a crowd its time; those that then still wait, beyond their number, go. */
  #expectRequests(address: Address): void {
    address.cancelCrowd ??= this.#clock.after(CROWD_MS, () => {
      address.cancelCrowd = undefined
      while (waitingOf(address) > MAX_WAITING_PER_ADDRESS) this.#pushOut(oldestOf(address))
    })
  }

  #pushOut(guest: Guest | undefined): void {
    if (guest === undefined) return
    this.#forget(guest)
    guest.socket.destroy()
  }

  #forget(guest: Guest): void {
    const { address, socket } = guest
    if (!this.#guests.delete(socket)) return
    address.open -= 1
    address.fresh.delete(guest)
    address.idle.delete(guest)
    if (address.open > 0) return
    address.cancelCrowd?.()
    this.#addresses.delete(address.key)
  }

  #addressOf(remote: string): Address {
    const key = networkOf(remote)
    const known = this.#addresses.get(key)
    if (known !== undefined) return known
    const address = { key, isLoopback: isLoopbackHost(key), open: 0, fresh: new Set<Guest>(), idle: new Set<Guest>() }
    this.#addresses.set(key, address)
    return address
  }
}

function placeOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}

function waitingOf({ fresh, idle }: Address): number {
  return fresh.size + idle.size
}

function oldestOf({ fresh, idle }: Address): Guest | undefined {
  for (const guest of fresh) return guest
  for (const guest of idle) return guest
  return undefined
}

/** An IPv4 address, or the /64 that one household has: its addresses cost nothing. */
export function networkOf(remote: string): string {
  const address = unmapped(remote)
  if (!address.includes(':') || address === '::1') return address
  return (address.split('::')[0] ?? '').split(':').slice(0, 4).join(':')
}
