/** The room of the router: the places where a query can run, and the choice between them. */
import { privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { HedgeBudget } from '../../routing/choice/hedge-budget.ts'
import { PrefixAffinity } from '../../routing/choice/prefix-affinity.ts'
import { KnownReach } from '../operate/known-reach.ts'
import { ReceiptProofs } from '../receipt/receipt-proofs.ts'
import { FederationRouter, type RouterCounters } from '../route/federation-router.ts'
import { Places, type PlacesComponents } from '../route/places.ts'
import { QueryLog } from '../route/query-log.ts'
import type { RouteQuery } from '../route/route-journal.ts'
import { WaitingRoom } from '../route/waiting-room.ts'
import { pseudonyms } from '../serve/pseudonym.ts'
import type { NodeBasics } from './basics.ts'
import type { RealmRoom } from './realms.ts'
import type { SwarmRoom } from './swarm.ts'

export interface RoutingRoom {
  readonly route: RouteQuery
  readonly counters: Readonly<RouterCounters>
  readonly hedges: HedgeBudget
  readonly proofs: ReceiptProofs
}

export interface RoutingRoomComponents {
  readonly realms: RealmRoom
  readonly swarm: SwarmRoom
}

export function composeRouting(basics: NodeBasics, rooms: RoutingRoomComponents): RoutingRoom {
  const { config, keys, clock, log } = basics
  const { realms, swarm } = rooms
  const hedges = new HedgeBudget()
  const proofs = new ReceiptProofs(
    {
      signer: keys.signer,
      onWrong: ({ model }, node) => swarm.view.noteContradicted(node, model, clock.monotonic()),
      log,
      random: Math.random,
    },
    { self: keys.peerId },
  )
  const router = new FederationRouter(
    {
      places: new Places(placesOf(basics, rooms)),
      local: (query, options) => realms.realms.run(query, options),
      hosts: (query, options) =>
        realms.realms.runAtHosts(query, {
          options,
          exclude: options.avoidWorkers,
          way: { via: [config().federationId], hopsLeft: config().discovery.federationHops },
        }),
      searchModel: (model, options) => swarm.discovery.searchModel(model, options),
      reachMore: (wanted) => swarm.discovery.reachMore(wanted),
      remote: (peer) => swarm.client.run(peer),
      waitingRoom: new WaitingRoom({ clock, random: Math.random }),
      hedges,
      clock,
      proofs,
      pseudonym: pseudonyms(privateKeyToProtobuf(keys.privateKey), config().node.network),
      log: new QueryLog(log),
      onCrossRealm: (realm) => realms.realms.noteCrossed(realm),
    },
    { node: keys.peerId },
  )
  return { route: (query, options) => router.route(query, options), counters: router.counters, hedges, proofs }
}

/** What the places of a query are read from. */
function placesOf({ keys, clock, log }: NodeBasics, { realms: room, swarm }: RoutingRoomComponents): PlacesComponents {
  const { realms, offer } = room
  const { peers, view } = swarm
  return {
    view,
    affinity: new PrefixAffinity(),
    clock,
    random: Math.random,
    log: new QueryLog(log),
    relationOf: (peer) => peers.relation(peer),
    ownerOf: (peer) => peers.get(peer)?.card?.federation?.publicKey ?? peer,
    backupRealms: (name) => realms.get(name)?.config.backupRealms ?? [],
    hostModel: (name, query, exclude) => realms.get(name)?.hosts.modelFor(query, exclude),
    localOption: (name, query, options) => realms.get(name)?.localOption(query, options),
    reach: new KnownReach({ realms, peers, clock, fits: offer.fits }, { self: keys.peerId }),
  }
}
