/**
 * Circuit relay v2: every node can be reached through others and reaches others through them, and carries for others
 * where its owner lets it. libp2p's own limits, 128 KiB and two minutes, would cut every longer answer: inside this
 * network the budget of discovery/reach/relay-budget.ts stands in their place.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type CircuitRelayServerComponents,
  type CircuitRelayService,
  type CircuitRelayTransportComponents,
  circuitRelayServer,
  circuitRelayTransport,
} from '@libp2p/circuit-relay-v2'
import type { AbortOptions, Connection, PeerId, Stream, Transport } from '@libp2p/interface'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { carry } from '../../../../discovery/reach/carry.ts'
import { MAX_CIRCUITS, MAX_CIRCUITS_PER_PEER, type RelayBudget } from '../../../../discovery/reach/relay-budget.ts'
import type { SeatStore } from '../../../../discovery/reach/relay-seats.ts'

/** How long a seat lasts here unless it is taken anew: a peer that is gone without a word gives it up by then. */
const SEAT_MS = 60 * 60_000

/** How long a peer may take to grant a seat, and to set up a connection through it. */
const SEAT_TIMEOUT_MS = 5_000

/** Seats that are asked for at once. */
const SEATS_AT_ONCE = 2

export interface RelayServiceInit {
  readonly budget: Pick<RelayBudget, 'begin' | 'spend'>
  /** Peers that may have a seat here. */
  readonly seats: number
}

/** A libp2p relay transport with the store of its seats, which its published type hides. */
export type SeatedTransport = Transport & {
  readonly reservationStore: AskedStore
  /** A relay brings a peer. */
  onStop(stream: Stream, connection: Connection): Promise<void>
}

/** A store of seats that tells whether there is one. */
export interface AskedStore extends SeatStore {
  hasReservation(relay: PeerId): boolean
}

/**
 * The transport; `onCreated` is given it. It takes connections from relays at which this node has a seat and no others:
 * libp2p would take a seat at any peer that says it brings one. Throws `INTERNAL` when a later version has no such
 * parts.
 */
export function relayTransport(
  onCreated: (transport: SeatedTransport) => void,
): (components: CircuitRelayTransportComponents) => Transport {
  const create = circuitRelayTransport({
    reservationConcurrency: SEATS_AT_ONCE,
    reservationCompletionTimeout: SEAT_TIMEOUT_MS,
    maxInboundStopStreams: MAX_CIRCUITS,
    // libp2p asks every relay that it meets by itself; a request of ours would be joined to that one, which fails.
    discoveryFilter: { has: () => true, add: () => {}, remove: () => {} },
  })
  return (components) => {
    const transport = create(components)
    if (!hasStore(transport)) throw new RealmeshError('INTERNAL', `this version of circuit-relay-v2 ${NOT_THE_ONE}`)
    const { onStop, reservationStore } = transport
    transport.onStop = async (stream, connection) => {
      if (reservationStore.hasReservation(connection.remotePeer)) await onStop(stream, connection)
      else stream.abort(new RealmeshError('PROTOCOL_ERROR', 'this node has no seat at that relay'))
    }
    onCreated(transport)
    return transport
  }
}

/** The service that carries for others. Who may, and with whom, is the connection gater's to say. */
export function relayService({
  budget,
  seats,
}: RelayServiceInit): (components: CircuitRelayServerComponents) => CircuitRelayService {
  const create = circuitRelayServer({
    reservations: { applyDefaultLimit: false, maxReservations: seats, reservationTtl: SEAT_MS },
    maxInboundHopStreams: MAX_CIRCUITS_PER_PEER,
    maxOutboundStopStreams: MAX_CIRCUITS,
  })
  /** The stream of the request that is handled. */
  const asking = new AsyncLocalStorage<Asking>()
  return (components) => {
    const service = create(components)
    if (!hasSteps(service)) throw new RealmeshError('INTERNAL', `this version of circuit-relay-v2 ${NOT_THE_ONE}`)
    const { onHop } = service
    const stopHop = service.stopHop.bind(service)
    service.onHop = (stream, connection) => asking.run({ stream, connection }, () => onHop(stream, connection))
    service.stopHop = async (target, options) => {
      const onward = await stopHop(target, options)
      const asked = asking.getStore()
      if (onward === undefined || asked === undefined) return onward
      const carried = {
        from: asked.connection.remotePeer.toString(),
        to: target.connection.remotePeer.toString(),
      }
      const onEnd = budget.begin(carried)
      carry(asked.stream, onward, { spend: (bytes) => budget.spend(carried, bytes), onEnd })
      return onward
    }
    return service
  }
}

const NOT_THE_ONE = 'is not the one that is built upon'

interface Asking {
  readonly stream: Stream
  readonly connection: Connection
}

/** Two steps of libp2p's service: a peer asks something of it, it asks the peer at the far end. */
interface Steps {
  onHop(stream: Stream, connection: Connection): Promise<void>
  stopHop(target: { readonly connection: Connection }, options: AbortOptions): Promise<Stream | undefined>
}

function hasSteps(service: CircuitRelayService): service is CircuitRelayService & Steps {
  return 'onHop' in service && 'stopHop' in service
}

function hasStore(transport: Transport): transport is SeatedTransport {
  return 'reservationStore' in transport && 'onStop' in transport
}
