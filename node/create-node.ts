/** The composition root of a node: what there is, and who is given what. It decides nothing. */
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { RealmeshConfig } from '../config/config.ts'
import type { Logger } from '../core/logger.ts'
import { toRealmeshError } from '../core/realmesh-error.ts'
import { type Clock, systemClock } from '../core/run/clock.ts'
import type { Startable } from '../core/run/startable.ts'
import { readBootstrapList } from '../discovery/contact/bootstrap-list.ts'
import { loadFederationKey } from '../home/federation-key.ts'
import type { HomeFolder } from '../home/home-folder.ts'
import { loadIdentity } from '../home/identity.ts'
import { federationId } from '../protocols/card/federation-certificate.ts'
import { HedgeBudget } from '../routing/choice/hedge-budget.ts'
import { PrefixAffinity } from '../routing/choice/prefix-affinity.ts'
import { systemGpuReader } from '../workers/owner/gpu/read-gpus.ts'
import { WorkerPool } from '../workers/pool/worker-pool.ts'
import { boundedStart } from './compose/bounded-start.ts'
import { createUserData } from './compose/create-user-data.ts'
import { peerFile } from './compose/peer-file.ts'
import { createSwarm, type Swarm } from './compose/swarm.ts'
import { EngineFinder } from './operate/engine-finder.ts'
import { HonestyWatch } from './operate/honesty-watch.ts'
import { LiveConfig, type ReadConfig } from './operate/live-config.ts'
import { lostOffers, type NodeDescription, nodeDescription, unsharedOffers } from './operate/node-description.ts'
import { operatorControl } from './operate/operator-control.ts'
import { PauseKeeper } from './operate/pause-keeper.ts'
import { WorkerRoster } from './operate/worker-roster.ts'
import { Accounting } from './query/accounting.ts'
import { AnswerBook } from './query/answer-book.ts'
import { continueAnswer } from './query/continue-answer.ts'
import { ReceiptBook } from './query/receipt-book.ts'
import { withCleanImages } from './query/with-clean-images.ts'
import { ed25519Signer } from './realm/ed25519-signer.ts'
import { realmMaker } from './realm/make-realm.ts'
import { RealmRegistry } from './realm/realm-registry.ts'
import { runHere } from './realm/run-here.ts'
import { signOwnParts } from './realm/served-part.ts'
import { RealmeshNode } from './realmesh-node.ts'
import { FederationRouter } from './route/federation-router.ts'
import { Places, type PlacesComponents } from './route/places.ts'
import { WaitingRoom } from './route/waiting-room.ts'
import { pseudonyms } from './serve/pseudonym.ts'
import { servePeer } from './serve/serve-peer.ts'
import { type SwarmOffer, swarmOffer } from './serve/swarm-offer.ts'

/** How long the start waits for the first look at the engines: they answer in milliseconds or are not there. */
const ENGINES_WAIT_MS = 700

export interface CreateNodeInit {
  readonly config: RealmeshConfig
  /** What `config` was made from, and how to read it again; absent when no file is behind it. */
  readonly source?: ConfigSource
  readonly home: HomeFolder
  readonly log: Logger
  /** Of the daemon, for cards and status. */
  readonly version: string
  /** @default systemClock */
  readonly clock?: Clock
}

/** Where a configuration comes from. */
export interface ConfigSource extends Pick<ReadConfig, 'values'> {
  /** The file; undefined when there is none yet. */
  readonly path: string | undefined
  /** Reads file, flags and variables again. Throws what is wrong with them. */
  readonly read: () => Promise<ReadConfig>
}

/** Puts a node together; nothing is acquired before its `start()` but its keys. */
export async function createNode(init: CreateNodeInit): Promise<RealmeshNode> {
  const { home, log, version, source, clock = systemClock } = init
  let config = init.config // replaced as a whole by a reload
  const { node } = config
  const [privateKey, federationKey] = await Promise.all([
    loadIdentity(home),
    loadFederationKey(home, node.federationKey),
  ])
  const peerId = peerIdFromPrivateKey(privateKey).toString()
  const signer = ed25519Signer(privateKey)
  const pool = new WorkerPool({ clock, log, gpu: systemGpuReader() })
  const realms = new RealmRegistry(realmMaker({ pool, clock }, { node: peerId }), config.realms)
  const offer = swarmOffer(realms, pool, () => config.node.share)
  const local = runHere(realms, () => clock.monotonic())
  const data = await createUserData(config, home, { clock, log })
  const accounting = new Accounting({ data, clock, log }, { self: peerId })
  let draining = false

  const swarm = await createSwarm(
    {
      privateKey,
      federationKey,
      clock,
      log,
      memory: peerFile(home.peersFile, log),
      offer,
      draining: () => draining,
      paused: () => pool.pausedMs > 0,
      settings: () => config.node,
      serve: (relationOf) =>
        servePeer({
          relationOf,
          share: () => config.node.share,
          signer,
          runHere: local,
          onServed: (query, peer, part, tookMs) => accounting.servedPeer(query, peer, part, tookMs),
          now: () => clock.monotonic(),
        }),
    },
    {
      peerId,
      version,
      node,
      bootstrap: [...node.bootstrap, ...(await readBootstrapList(node.network)).map(String)],
      realms: config.realms.map(({ name }) => name),
      advertiseIntervalMs: config.discovery.advertiseIntervalMs,
    },
  )
  const honesty = new HonestyWatch({ clock, log, reachable: () => swarm.discovery.reachable() }, { self: peerId })
  const hedges = new HedgeBudget()
  const hasEngines = (): boolean => pool.list().some((worker) => worker.real)
  const describe = nodeDescription(
    {
      pool,
      realms,
      peers: swarm.peers,
      view: swarm.view,
      clock,
      addresses: swarm.addresses,
      warnings: () => [
        ...honesty.warnings(hasEngines(), config.node.degradedAfterMs),
        ...data.status().warnings,
        ...accounting.warnings(),
      ],
      degraded: () => honesty.degraded(hasEngines(), config.node.degradedAfterMs),
      routing: () => router.counters,
      hedges: () => hedges.counts,
      scopes: () => config.node,
    },
    {
      peerId,
      version,
      network: node.network,
      federation: { id: federationId(federationKey.publicKey), label: node.federationLabel },
    },
  )
  const router = new FederationRouter(
    {
      places: new Places(placesOf({ swarm, realms, offer, models: describe.models, clock })),
      local,
      remote: (peer) => withCleanImages(swarm.client.run(peer)),
      waitingRoom: new WaitingRoom({ clock, random: Math.random }),
      hedges,
      clock,
      pseudonym: pseudonyms(privateKeyToProtobuf(privateKey), node.network),
    },
    { node: peerId },
  )
  const finder = new EngineFinder({ pool, clock, log })
  const pauses = new PauseKeeper({ pool, clock, log }, { file: home.pauseFile })
  const roster = new WorkerRoster({ pool, finder, log }, config)
  const live = new LiveConfig(
    {
      read: source?.read,
      apply: async (next) => {
        await roster.apply(next)
        config = next
        realms.apply(next.realms)
        swarm.peers.rejudge()
        swarm.discovery.changed()
      },
    },
    { config, values: source?.values, baseFolder: dirname(source?.path ?? home.configFile) },
  )
  pool.onChange(() => swarm.discovery.changed())
  realms.onChange(() => swarm.discovery.changed())
  local.onLoadChange(() => swarm.discovery.loadChanged())

  return new RealmeshNode(
    {
      intake: {
        realms,
        scope: () => config.node.scope,
        consented: () => config.node.scope === 'public' || existsSync(home.publicConsent),
      },
      route: continueAnswer((query, options) => router.route(query, options)),
      receipts: new ReceiptBook(),
      answers: new AnswerBook(),
      parts: [
        data,
        settling(accounting),
        pauses,
        boundedStart(roster, ENGINES_WAIT_MS, clock, enginesFailed(log)),
        closing(realms),
        ...swarm.parts,
      ],
      servedPeers: () => local.idle(),
      announceDraining: () => {
        draining = true
        for (const { processor } of realms.list()) processor.drain()
        void swarm.discovery.draining()
      },
      describe,
      accounting,
      onEnded: (receipt) => honesty.ended(receipt, hasEngines(), config.node.degradedAfterMs),
      signOwnParts: (receipt) => signOwnParts(receipt, peerId, signer),
      apply: (next) => live.replace(next),
      control: operatorControl({ live, pool, pauses, data, accounting, log }, { shardsFolder: home.shardsFolder }),
      clock,
    },
    { peerId },
  )
}

/** What the places of a query are read from. */
function placesOf(parts: {
  readonly swarm: Swarm
  readonly realms: RealmRegistry
  readonly offer: SwarmOffer
  readonly models: NodeDescription['models']
  readonly clock: Clock
}): PlacesComponents {
  const { swarm, realms, offer, models, clock } = parts
  return {
    view: swarm.view,
    affinity: new PrefixAffinity(),
    clock,
    random: Math.random,
    relationOf: (peer) => swarm.peers.relation(peer),
    backupRealms: (name) => realms.get(name)?.config.backupRealms ?? [],
    localOption: (name, query, options) => {
      const realm = realms.get(name)
      const place = realm?.workers.place(query, options)
      if (realm === undefined || place === undefined) return undefined
      const { processor } = realm
      const free = processor.queued === 0 && place.load.running < place.load.slots
      const estimatedWaitMs = free ? 0 : processor.estimateWaitMs(query, options.asker)
      return { model: place.model, load: { ...place.load, queued: processor.queued, estimatedWaitMs } }
    },
    unshared: (query) => unsharedOffers(swarm.peers, (model) => offer.fits(model, query)),
    isOffered: (query, scope) =>
      models(scope).some((listed) => offer.fits(listed.model, query)) ||
      realms.list().some(({ workers }) => workers.hasModelFor(query)) ||
      lostOffers(swarm.peers, scope, clock.monotonic(), (model) => offer.fits(model, query)),
  }
}

function enginesFailed(log: Logger): (error: unknown) => void {
  return (thrown) => {
    const { code, message, fix } = toRealmeshError(thrown)
    log.error({ code, fix }, `engines: ${message}`)
  }
}

/** Writes the last accounts before their store closes. */
function settling(accounting: Accounting): Startable {
  return { start: async () => {}, stop: () => accounting.settled() }
}

/** Ends what still waits in the realms before their workers go. */
function closing(realms: RealmRegistry): Startable {
  return {
    start: async () => {},
    stop: async () => {
      for (const { processor } of realms.list()) processor.close()
    },
  }
}
