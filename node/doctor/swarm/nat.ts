/**
 * What kind of router is in front of this node: whether it maps one socket to one port for all, or to another for each
 * destination, which no direct way gets through.
 */
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { isIPv4 } from 'node:net'
import type { Finding } from '../../../core/model/finding.ts'
import type { CancelSignal } from '../../../core/run/cancel-signal.ts'
import { type Clock, pauseFor } from '../../../core/run/clock.ts'
import { isPublic } from '../../../discovery/addresses/may-dial.ts'
import { bindingRequest, type MappedPlace, mappedPlaceOf } from '../../../protocols/stun/asking.ts'
import { found } from '../codes/found.ts'

/** Nodes that are asked: two tell whether they see the same. */
const MAX_ASKED_FOR_NAT = 4

/** A request or an answer may be lost: so often it is sent, this far apart. */
const STUN_TRIES = 4
const STUN_SPACING_MS = 500

/** Where STUN requests are answered. */
export interface StunServer {
  readonly host: string
  readonly port: number
}

export interface NatAnswer extends StunServer {
  /** Where that node sees the socket; absent where no answer came. */
  readonly seen?: MappedPlace
}

/** The host and port of `stun:HOST:PORT`, of IPv4; undefined for another. Pure. */
export function stunServerOf(url: string): StunServer | undefined {
  const [, host = '', port = ''] = /^stun:([^:[\]]+):(\d+)$/.exec(url) ?? []
  return isIPv4(host) ? { host, port: Number(port) } : undefined
}

/** Asks all of them from one socket. */
export async function askWhereSeen(
  servers: readonly StunServer[],
  { clock, signal }: { readonly clock: Pick<Clock, 'after'>; readonly signal: CancelSignal },
): Promise<readonly NatAnswer[]> {
  const asked = servers.slice(0, MAX_ASKED_FOR_NAT).map((server) => ({ server, transaction: randomBytes(12) }))
  if (asked.length === 0) return []
  const seen = new Map<StunServer, MappedPlace>()
  const socket = createSocket('udp4')
  const done = Promise.withResolvers<void>()
  socket.on('error', () => done.resolve())
  socket.on('message', (bytes) => {
    for (const { server, transaction } of asked) {
      const place = mappedPlaceOf(bytes, transaction)
      if (place !== undefined) seen.set(server, place)
    }
    if (seen.size === asked.length) done.resolve()
  })
  try {
    for (let left = STUN_TRIES; left > 0 && seen.size < asked.length && !signal.aborted; left -= 1) {
      for (const { server, transaction } of asked) {
        if (!seen.has(server)) socket.send(bindingRequest(transaction), server.port, server.host)
      }
      await Promise.race([done.promise, pauseFor(STUN_SPACING_MS, signal, clock)])
    }
  } finally {
    socket.close()
  }
  return asked.map(({ server }) => {
    const place = seen.get(server)
    return { ...server, ...(place !== undefined && { seen: place }) }
  })
}

/** `interfaces`: addresses of this machine. Pure. */
export function judgeNat(answers: readonly NatAnswer[], interfaces: readonly string[]): Finding {
  const init = { facts: { answers } }
  const far = answers.filter(({ host }) => isPublic(host))
  if (far.length === 0)
    return found('nat.unknown', 'no connected node of the internet tells where it sees this one', init)
  const places = far.flatMap(({ seen }) => seen ?? [])
  const [first, ...others] = places
  if (first === undefined) return found('nat.no-udp', `none of ${far.length} nodes answered over UDP`, init)
  if (interfaces.includes(first.address))
    return found('nat.none', `the internet sees this machine as ${first.address}`, init)
  if (others.length === 0) return found('nat.unknown', `seen at ${first.address} by one node only`, init)
  const same = others.every(({ address, port }) => address === first.address && port === first.port)
  const ports = places.map(({ port }) => port).join(', ')
  return same
    ? found('nat.same', `the router at ${first.address} shows one port to all`, init)
    : found('nat.symmetric', `the router at ${first.address} shows another port to each: ${ports}`, init)
}
