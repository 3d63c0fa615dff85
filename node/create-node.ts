/** The composition root of a node: what there is, and who is given what. It decides nothing. */
import { existsSync } from 'node:fs'
import { privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { type Clock, systemClock } from '../core/clock.ts'
import type { Logger } from '../core/logger.ts'
import { toRealmeshError } from '../core/realmesh-error.ts'
import type { RouteReceipt } from '../core/receipt.ts'
import { readBootstrapList } from '../discovery/bootstrap-list.ts'
import { HedgeBudget } from '../discovery/hedge-budget.ts'
import { PrefixAffinity } from '../discovery/prefix-affinity.ts'
import { federationId } from '../protocols/card/federation-certificate.ts'
import { GUIDE, GuideEngine } from '../workers/engines/guide.ts'
import { RealmWorkerManager } from '../workers/realm-worker-manager.ts'
import { WorkerPool } from '../workers/worker-pool.ts'
import { AnswerBook } from './answer-book.ts'
import { boundedStart } from './bounded-start.ts'
import type { RealmConfig, RealmeshConfig } from './config/config.ts'
import { continueAnswer } from './continue-answer.ts'
import { EngineFinder } from './engine-finder.ts'
import { FederationRouter } from './federation-router.ts'
import { loadFederationKey } from './home/federation-key.ts'
import type { HomeFolder } from './home/home-folder.ts'
import { loadIdentity } from './home/identity.ts'
import { nodeDescription, unsharedOffers } from './node-description.ts'
import { peerFile } from './peer-file.ts'
import { Places } from './places.ts'
import { pseudonyms } from './pseudonym.ts'
import { RealmQueryProcessor } from './realm-query-processor.ts'
import { type MakeRealm, RealmRegistry } from './realm-registry.ts'
import { RealmeshNode } from './realmesh-node.ts'
import { ReceiptBook } from './receipt-book.ts'
import { runHere } from './run-here.ts'
import { servePeer } from './serve-peer.ts'
import { signServedPart } from './served-part.ts'
import { createSwarm } from './swarm.ts'
import { swarmOffer } from './swarm-offer.ts'
import { WaitingRoom } from './waiting-room.ts'
import { plannedWorkers } from './worker-plan.ts'

/** How long the start waits for the first look at the engines: they answer in milliseconds or are not there. */
const ENGINES_WAIT_MS = 700

export interface CreateNodeInit {
  readonly config: RealmeshConfig
  readonly home: HomeFolder
  readonly log: Logger
  /** Of the daemon, for cards and status. */
  readonly version: string
  /** @default systemClock */
  readonly clock?: Clock
}

/** Puts a node together; nothing is acquired before its `start()` but its keys. */
export async function createNode(init: CreateNodeInit): Promise<RealmeshNode> {
  const { config, home, log, version, clock = systemClock } = init
  const { node } = config
  const [privateKey, federationKey] = await Promise.all([
    loadIdentity(home),
    loadFederationKey(home, node.federationKey),
  ])
  const peerId = peerIdFromPrivateKey(privateKey).toString()
  const pool = new WorkerPool({ clock, log })
  const realms = new RealmRegistry(realmMaker(pool, clock, peerId), config.realms)
  const offer = swarmOffer(realms)
  const local = runHere(realms, () => clock.monotonic())
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
      serve: (relationOf) => servePeer({ relationOf, share: () => node.share, privateKey, runHere: local }),
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

  const describe = nodeDescription(
    { pool, realms, peers: swarm.peers, view: swarm.view, clock, addresses: swarm.addresses, warnings: () => [] },
    {
      peerId,
      version,
      network: node.network,
      federation: { id: federationId(federationKey.publicKey), label: node.federationLabel },
      scope: node.scope,
      share: node.share,
    },
  )
  const random = Math.random
  const places = new Places({
    view: swarm.view,
    affinity: new PrefixAffinity(),
    clock,
    random,
    relationOf: (peer) => swarm.peers.relation(peer),
    backupRealms: (name) => realms.get(name)?.config.backupRealms ?? [],
    localOption: (name, query, options) => {
      const realm = realms.get(name)
      const place = realm?.workers.place(query, options)
      if (realm === undefined || place === undefined) return undefined
      const queued = realm.processor.queued
      return {
        model: place.model,
        load: { ...place.load, queued, estimatedWaitMs: realm.processor.estimateWaitMs(query) },
      }
    },
    unshared: (query) => unsharedOffers(swarm.peers, (model) => offer.fits(model, query)),
    isOffered: (query, scope) => describe.models(scope).some((listed) => offer.fits(listed.model, query)),
  })
  const router = new FederationRouter(
    {
      places,
      local: (query, options) => local(query, options),
      remote: (peer) => swarm.client.run(peer),
      waitingRoom: new WaitingRoom({ clock, random }),
      hedges: new HedgeBudget(),
      clock,
      pseudonym: pseudonyms(privateKeyToProtobuf(privateKey), node.network),
    },
    { node: peerId },
  )
  const finder = new EngineFinder({ pool, clock, log })
  const onFailure = (error: unknown): void => {
    log.warn({ code: toRealmeshError(error).code }, `engines: ${toRealmeshError(error).message}`)
  }
  const engines = boundedStart(
    {
      start: async () => {
        for (const { engine, settings } of await plannedWorkers(config)) await pool.add(engine, settings)
        if (node.builtin) await pool.add(new GuideEngine(), { name: GUIDE })
        await pool.start()
        if (!node.detect) return
        await finder.start()
        await finder.settled()
      },
      stop: async () => {
        await finder.stop()
        for (const { processor } of realms.list()) processor.close()
        await pool.stop()
      },
    },
    ENGINES_WAIT_MS,
    clock,
    onFailure,
  )
  pool.onChange(() => swarm.discovery.changed())
  realms.onChange(() => swarm.discovery.changed())
  local.onLoadChange(() => swarm.discovery.loadChanged())

  return new RealmeshNode(
    {
      intake: { realms, consented: () => node.scope === 'public' || existsSync(home.publicConsent) },
      route: continueAnswer((query, options) => router.route(query, options)),
      receipts: new ReceiptBook(),
      answers: new AnswerBook(),
      parts: [engines, ...swarm.parts],
      announceDraining: () => {
        draining = true
        for (const { processor } of realms.list()) processor.drain()
        void swarm.discovery.draining()
      },
      describe,
      onEnded: () => {},
      signOwnParts: (receipt) => signOwnParts(receipt, peerId, (id, part) => signServedPart(id, part, privateKey)),
      clock,
      log,
    },
    { peerId, scope: node.scope },
  )
}

function realmMaker(pool: WorkerPool, clock: Clock, node: string): MakeRealm {
  return (config: RealmConfig, types) => {
    const { name: realm, strategy, minWorkers, maxWorkers, models, pools, queue, concurrency } = config
    const workers = new RealmWorkerManager(
      { pool },
      { realm, queryTypes: types, node, strategy, minWorkers, maxWorkers, models, pools },
    )
    const processor = new RealmQueryProcessor(
      { workers, clock },
      {
        realm,
        maxWaitMs: queue.maxWaitMs,
        maxLength: queue.maxLength,
        ...(concurrency === undefined ? {} : { concurrency }),
      },
    )
    return { config, types, workers, processor }
  }
}

/** Own parts are signed when somebody reads the receipt: most are never read, and a signature costs as much as the routing. */
async function signOwnParts(
  receipt: RouteReceipt,
  node: string,
  sign: (
    id: string,
    part: NonNullable<RouteReceipt['attempts'][number]['served']>,
  ) => Promise<RouteReceipt['attempts'][number]['served']>,
): Promise<RouteReceipt> {
  const attempts = await Promise.all(
    receipt.attempts.map(async (attempt) => {
      const { served } = attempt
      if (served === undefined || served.node !== node || served.signature !== undefined) return attempt
      const signed = await sign(receipt.id, served)
      return signed === undefined ? attempt : { ...attempt, served: signed }
    }),
  )
  return { ...receipt, attempts }
}
