/**
 * A DHT of honest nodes with Sybils around one key of a model: all of them nearer to it than almost every honest node,
 * so that what honest workers write there lies with liars. They name each other as the nearest and as workers, at
 * addresses that swallow every dial. The look-up, the walks and the search are the daemon's own; the network between is
 * modelled, in simulated time.
 */

import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { silentLogger } from '../../core/logger.ts'
import { bucketsOf, type DhtName, dhtKey } from '../../discovery/dht/dht-keys.ts'
import { DhtLookup, type FoundPeer, type WalkEvent } from '../../discovery/dht/dht-lookup.ts'
import { dhtPlaceOf, distanceTo } from '../../discovery/dht/distance.ts'
import { ModelSearch } from '../../discovery/dht/model-search.ts'
import { ProviderWalks } from '../../discovery/dht/provider-walks.ts'
import { HOLDERS } from '../../discovery/dht/walk-progress.ts'
import { ManualClock } from '../support/manual-clock.ts'

export interface SybilPlan {
  readonly honest: number
  readonly sybils: number
  /** Honest nodes that serve the model; the Sybils sit around the first one's key. */
  readonly workers: number
}

/** Identities that the attacker makes, of which the nearest to the key are kept. */
const GROUND_PER_SYBIL = 20
/** Peers that the asking node is connected to, of all that there are. */
const CONNECTED = 12
/** A dial to an address that swallows it, milliseconds. */
const DEAD_DIAL_MS = 5_000
/** A request there and back. */
const ROUND_TRIP_MS = 60
const STEP_MS = 20

const NETWORK = 'test'

interface ModelledPeer {
  readonly id: PeerId
  readonly bytes: Uint8Array
  readonly isSybil: boolean
  /** What its routing table holds; a Sybil's are its own kind. */
  known: readonly ModelledPeer[]
}

function randomPeer(random: () => number): PeerId {
  return peerIdFromPublicKey(publicKeyFromRaw(Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256))))
}

function modelled(id: PeerId, isSybil: boolean): ModelledPeer {
  return { id, bytes: id.toMultihash().bytes, isSybil, known: [] }
}

function nearest(peers: readonly ModelledPeer[], place: Buffer, count: number): readonly ModelledPeer[] {
  return peers
    .map((peer) => ({ peer, distance: distanceTo(place, peer.bytes) }))
    .sort((a, b) => Buffer.compare(a.distance, b.distance))
    .slice(0, count)
    .map(({ peer }) => peer)
}

/** As many of each distance as a routing table keeps. */
function tableOf(peer: ModelledPeer, all: readonly ModelledPeer[]): readonly ModelledPeer[] {
  const place = dhtPlaceOf(peer.bytes)
  const kept = new Map<number, ModelledPeer[]>()
  for (const other of all) {
    if (other === peer) continue
    const distance = distanceTo(place, other.bytes)
    const leading = Math.clz32(distance.readUInt32BE(0))
    const bucket = kept.get(leading) ?? []
    if (bucket.length < HOLDERS) kept.set(leading, [...bucket, other])
  }
  return [...kept.values()].flat()
}

const found = ({ id }: ModelledPeer): FoundPeer => ({ id, multiaddrs: [multiaddr('/ip4/192.0.2.7/tcp/4501')] })

/**
 * How long the search of a node that knows nobody's models takes until an honest worker is met, milliseconds of simulated
 * time; infinite when it ends without.
 */
export async function searchAmongSybils(plan: SybilPlan, random: () => number): Promise<number> {
  const name: DhtName = { kind: 'model', name: `model-${Math.floor(random() * 1e9)}` }
  const honest = Array.from({ length: plan.honest }, () => modelled(randomPeer(random), false))
  const workers = honest.slice(0, plan.workers)
  const attacked = dhtKey(NETWORK, name, bucketsOf(workers[0]?.id.toString() ?? '', 'model')[0] ?? 0)
  const ground = Array.from({ length: plan.sybils * GROUND_PER_SYBIL }, () => modelled(randomPeer(random), true))
  const sybils = nearest(ground, dhtPlaceOf(attacked.multihash.bytes), plan.sybils)
  const all = shuffled([...honest, ...sybils], random)
  for (const peer of honest) peer.known = tableOf(peer, all)
  for (const peer of sybils) peer.known = sybils
  const records = new Map<string, Set<ModelledPeer>>()
  for (const worker of workers) {
    for (const bucket of bucketsOf(worker.id.toString(), 'model')) {
      const { bytes } = dhtKey(NETWORK, name, bucket).multihash
      for (const holder of nearest(all, dhtPlaceOf(bytes), HOLDERS)) {
        if (!holder.isSybil) noteIn(records, `${holder.id} ${Buffer.from(bytes).toString('hex')}`, worker)
      }
    }
  }
  return await search({ name, all, workers, sybils, records, attacked: attacked.multihash.bytes }, random)
}

interface ModelledDht {
  readonly name: DhtName
  readonly all: readonly ModelledPeer[]
  readonly workers: readonly ModelledPeer[]
  readonly sybils: readonly ModelledPeer[]
  readonly records: ReadonlyMap<string, ReadonlySet<ModelledPeer>>
  readonly attacked: Uint8Array
}

async function search(dht: ModelledDht, random: () => number): Promise<number> {
  const { name, all, workers, sybils, records, attacked } = dht
  const clock = new ManualClock(0)
  const after = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve))
  const self = randomPeer(random)
  const connected = all.slice(0, CONNECTED).map(({ id }) => id)
  const byId = new Map(all.map((peer) => [peer.id.toString(), peer]))
  async function* sendRequest(to: PeerId, message: { readonly key: Uint8Array }): AsyncGenerator<WalkEvent> {
    await after(ROUND_TRIP_MS * (0.5 + random()))
    const peer = byId.get(to.toString())
    if (peer === undefined) return
    const held = records.get(`${peer.id} ${Buffer.from(message.key).toString('hex')}`) ?? []
    const isBait = peer.isSybil && Buffer.compare(message.key, attacked) === 0
    const providers = isBait ? shuffled(sybils, random).slice(0, HOLDERS) : [...held]
    const closer = nearest(peer.known, dhtPlaceOf(message.key), HOLDERS)
    yield { name: 'PEER_RESPONSE', from: peer.id, closer: closer.map(found), providers: providers.map(found) }
  }
  const walks = new ProviderWalks({
    clock,
    peers: { connected },
    dht: {
      network: { sendRequest },
      routingTable: { closestPeers: () => [] },
      providers: { getProviders: async () => [] },
    },
    libp2p: { peerId: self, isDialable: async () => true, peerStore: { get: () => Promise.reject(new Error('none')) } },
  })
  const honestIds = new Set(workers.map(({ id }) => id.toString()))
  let isMet = false
  const finder = new ModelSearch({
    clock,
    log: silentLogger,
    hasPeers: () => true,
    known: () => [],
    lookup: new DhtLookup({ dht: walks, clock, log: silentLogger }, { network: NETWORK, self: self.toString() }),
    meet: async ({ id }) => {
      await after(honestIds.has(id) ? 3 * ROUND_TRIP_MS : DEAD_DIAL_MS)
      if (honestIds.has(id)) isMet = true
    },
  })
  let over = false
  const { signal } = new AbortController()
  const outcome = finder.search(name.name, { signal, until: () => isMet }).finally(() => {
    over = true
  })
  while (!over) {
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(STEP_MS)
  }
  await finder.stop()
  return (await outcome) === 'found' ? clock.monotonic() : Number.POSITIVE_INFINITY
}

function noteIn(records: Map<string, Set<ModelledPeer>>, key: string, worker: ModelledPeer): void {
  const held = records.get(key) ?? new Set()
  held.add(worker)
  records.set(key, held)
}

function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
