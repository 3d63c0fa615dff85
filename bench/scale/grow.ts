/**
 * What grows with a swarm of up to 100,000 nodes: look-ups through the DHT, by the daemon's own walks on a modelled
 * network in simulated time, and what is held and sent, by the daemon's own bounds.
 *
 *   node --import=tsx bench/scale/grow.ts --sizes 50,100,200,1000,10000,100000 --rounds 20
 */
import '../../core/node20-shim.ts'
import { parseArgs } from 'node:util'
import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { silentLogger } from '../../core/logger.ts'
import { DHT_BUCKETS, type DhtName, dhtKey } from '../../discovery/dht/dht-keys.ts'
import { DhtLookup, type FoundPeer, type WalkEvent } from '../../discovery/dht/dht-lookup.ts'
import { dhtPlaceOf } from '../../discovery/dht/distance.ts'
import { ProviderWalks } from '../../discovery/dht/provider-walks.ts'
import { HOLDERS } from '../../discovery/dht/walk-progress.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { seededRandom } from '../../test/support/seeded-random.ts'
import { columns } from '../report/table.ts'

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '50,100,200,1000,10000,100000' },
    rounds: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
  },
})

/** Peers that the asking node is connected to. */
const CONNECTED = 12
const ROUND_TRIP_MS = 60
const STEP_MS = 20
/** Bytes of a node as a DHT message names it: its id and some addresses. */
const NAMED_BYTES = 110

interface Placed {
  readonly id: PeerId
  readonly place: Buffer
}

const random = seededRandom(Number(options.seed))

function placed(): Placed {
  const id = peerIdFromPublicKey(publicKeyFromRaw(Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256))))
  return { id, place: dhtPlaceOf(id.toMultihash().bytes) }
}

/** First index whose place is not below `place`. */
function lowerBound(sorted: readonly Placed[], place: Buffer): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (Buffer.compare(sorted[middle]?.place ?? place, place) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function commonBits(a: Buffer, b: Buffer): number {
  for (const [i, byte] of a.entries()) {
    const differing = byte ^ (b[i] ?? 0)
    if (differing !== 0) return i * 8 + Math.clz32(differing) - 24
  }
  return a.byteLength * 8
}

/** All whose place shares the first `bits` bits with `place`: neighbours in the sorted list. */
function range(sorted: readonly Placed[], place: Buffer, bits: number): readonly Placed[] {
  const [from, to] = [Buffer.from(place), Buffer.from(place)]
  for (let bit = bits; bit < place.byteLength * 8; bit += 1) {
    const [byte, mask] = [bit >> 3, 0x80 >> (bit & 7)]
    from[byte] = (from[byte] ?? 0) & ~mask
    to[byte] = (to[byte] ?? 0) | mask
  }
  const first = lowerBound(sorted, from)
  const last = lowerBound(sorted, to)
  return sorted.slice(first, last + 1).filter((peer) => commonBits(peer.place, place) >= bits)
}

function nearest(peers: readonly Placed[], place: Buffer, count: number): readonly Placed[] {
  const distance = (at: Buffer): Buffer => Buffer.from(at.map((byte, i) => byte ^ (place[i] ?? 0)))
  return peers
    .map((peer) => ({ peer, away: distance(peer.place) }))
    .sort((a, b) => Buffer.compare(a.away, b.away))
    .slice(0, count)
    .map(({ peer }) => peer)
}

/** The nearest of the whole swarm: those in the smallest part of it around the place that has enough. */
function holdersOf(sorted: readonly Placed[], place: Buffer): readonly Placed[] {
  for (let bits = Math.max(0, Math.floor(Math.log2(sorted.length))); ; bits -= 1) {
    const around = range(sorted, place, bits)
    if (around.length >= HOLDERS * 2 || bits === 0) return nearest(around, place, HOLDERS)
  }
}

/** What a node answers: of those as near to the key as it is itself all, else as many as a routing table keeps. */
function closerThan(sorted: readonly Placed[], peer: Placed, place: Buffer): readonly Placed[] {
  const around = range(sorted, place, commonBits(peer.place, place) + 1)
  if (around.length <= HOLDERS) return holdersOf(sorted, place)
  const from = Math.floor(random() * around.length)
  return Array.from({ length: HOLDERS }, (_, i) => around[(from + i * 7) % around.length] ?? peer)
}

const found = ({ id }: Placed): FoundPeer => ({ id, multiaddrs: [multiaddr('/ip4/192.0.2.7/tcp/4501')] })

interface WalkFigures {
  readonly requests: number
  readonly ms: number
}

/** One look-up of a model: until its only worker is named, or all of it where there is none. */
async function lookUp(sorted: readonly Placed[], exists: boolean): Promise<WalkFigures> {
  const name: DhtName = { kind: 'model', name: `model-${random()}` }
  const worker = sorted[Math.floor(random() * sorted.length)]
  const bucket = Math.floor(random() * DHT_BUCKETS)
  const key = dhtKey('test', name, bucket).multihash.bytes
  const holders = new Set(exists ? holdersOf(sorted, dhtPlaceOf(key)).map(({ id }) => id.toString()) : [])
  const byId = new Map<string, Placed>()
  const clock = new ManualClock(0)
  const known = Array.from({ length: CONNECTED }, () => sorted[Math.floor(random() * sorted.length)]).flatMap(
    (peer) => peer ?? [],
  )
  for (const peer of known) byId.set(peer.id.toString(), peer)
  let requests = 0
  async function* sendRequest(to: PeerId, message: { readonly key: Uint8Array }): AsyncGenerator<WalkEvent> {
    requests += 1
    await new Promise<void>((resolve) => void clock.after(ROUND_TRIP_MS * (0.5 + random()), resolve))
    const peer = byId.get(to.toString())
    if (peer === undefined) return
    const closer = closerThan(sorted, peer, dhtPlaceOf(message.key))
    for (const other of closer) byId.set(other.id.toString(), other)
    const holds = Buffer.compare(message.key, key) === 0 && holders.has(peer.id.toString()) && worker !== undefined
    yield { name: 'PEER_RESPONSE', from: peer.id, closer: closer.map(found), providers: holds ? [found(worker)] : [] }
  }
  const walks = new ProviderWalks({
    clock,
    peers: { connected: known.map(({ id }) => id) },
    dht: {
      network: { sendRequest },
      routingTable: { closestPeers: () => [] },
      providers: { getProviders: async () => [] },
    },
    libp2p: {
      peerId: placed().id,
      isDialable: async () => true,
      peerStore: { get: () => Promise.reject(new Error('none')) },
    },
  })
  const lookup = new DhtLookup({ dht: walks, clock, log: silentLogger }, { network: 'test', self: 'self' })
  const leaving = new AbortController()
  let over = false
  const all = lookup.all(name, { signal: leaving.signal, onHint: () => leaving.abort() }).finally(() => {
    over = true
  })
  while (!over) {
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(STEP_MS)
  }
  await all
  return { requests, ms: clock.monotonic() }
}

function median(values: readonly number[]): number {
  return Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN)
}

const rows: (readonly string[])[] = []
for (const size of options.sizes.split(',').map(Number)) {
  const sorted = Array.from({ length: size }, placed).sort((a, b) => Buffer.compare(a.place, b.place))
  const there: WalkFigures[] = []
  const nothing: WalkFigures[] = []
  for (let round = 0; round < Number(options.rounds); round += 1) {
    there.push(await lookUp(sorted, true))
    nothing.push(await lookUp(sorted, false))
  }
  const inBucket = Math.ceil(size / DHT_BUCKETS)
  rows.push([
    `${size}`,
    `${median(there.map(({ requests }) => requests))} / ${median(there.map(({ ms }) => ms))}`,
    `${median(nothing.map(({ requests }) => requests))} / ${median(nothing.map(({ ms }) => ms))}`,
    `${inBucket}`,
    `${Math.round((inBucket * NAMED_BYTES) / 1_024)}`,
  ])
}
const head = [
  'nodes',
  'model found: requests / ms',
  'no such model: requests / ms',
  'nodes under a key of $CHAT',
  'KiB of its answer',
]
console.log(columns([head, ...rows]))
