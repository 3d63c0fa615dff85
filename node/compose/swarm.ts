/** The room of the swarm: this node's side towards other nodes, with its own workers behind it. */
import { Resolver } from 'node:dns/promises'
import { multiaddr } from '@multiformats/multiaddr'
import type { RealmeshConfig } from '../../config/config.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { readBootstrapList } from '../../discovery/contact/bootstrap-list.ts'
import type { PeerMemory } from '../../discovery/contact/remembered-peers.ts'
import { visitPublicDht } from '../../discovery/rendezvous/public-dht.ts'
import { Rendezvous } from '../../discovery/rendezvous/rendezvous.ts'
import { isShown } from '../../discovery/rendezvous/shown-address.ts'
import { RESOLVER } from '../../discovery/ways-in/dnsaddr.ts'
import { readJsonFile, writeJsonFile } from '../../home/json-file.ts'
import { readSwarmKey, writeSwarmKey } from '../../home/keys/swarm-key.ts'
import { DrainSwitch } from '../control/drain-switch.ts'
import type { Membership } from '../invite/membership.ts'
import type { SwarmDoor } from '../invite/swarm-entry.ts'
import { QueryLog } from '../route/query-log.ts'
import { servePeer } from '../serve/serve-peer.ts'
import type { NodeBasics } from './basics.ts'
import { createSwarm, type Swarm, type SwarmAims } from './create-swarm.ts'
import { PrivateSwarm } from './libp2p/private-swarm.ts'
import type { RealmRoom } from './realms.ts'
import type { WorkerRoom } from './workers.ts'

export interface SwarmRoom extends Swarm {
  /** From now on `listener` is told of each announcement in the local network. */
  readonly onNeighbour: (listener: (peer: string) => void) => void
  /** Whether the operator wants no new query. */
  readonly drains: DrainSwitch
  /** Tells the swarm that this node is about to stop, so that it sends nothing new. */
  readonly announceDraining: () => void
  /**
   * The configuration is another: whom it joins through, what it looks for and whom it trusts follow, and the swarm is
   * told.
   */
  readonly follow: (config: RealmeshConfig) => void
  /** Of the private swarm that this node is in, or of the open one. */
  readonly door: SwarmDoor
}

export interface SwarmRoomComponents {
  readonly membership: Membership
  readonly workers: WorkerRoom
  readonly realms: RealmRoom
}

export async function composeSwarm(
  basics: NodeBasics,
  { membership, workers, realms }: SwarmRoomComponents,
): Promise<SwarmRoom> {
  const { config, keys, clock, log, version } = basics
  const { node } = config()
  const privateSwarm = new PrivateSwarm(await readSwarmKey(basics.home, node.swarmKey))
  if (privateSwarm.key !== undefined && node.rendezvous.enabled) throw openlyPrivate()
  const shipped = (await readBootstrapList(node.network)).map(String)
  const aims = ({ node, discovery }: RealmeshConfig): SwarmAims => ({
    bootstrap: [...node.bootstrap, ...shipped],
    realms: realms.realms.sought,
    advertiseIntervalMs: discovery.advertiseIntervalMs,
    blocked: node.blocked,
  })
  let draining = false
  const neighbourListeners: ((peer: string) => void)[] = []
  const drains = new DrainSwitch({ onChange: () => void swarm.discovery.draining() })
  const swarm = await createSwarm(
    {
      privateKey: keys.privateKey,
      privateSwarm,
      membership,
      clock,
      log,
      memory: peerMemory(basics),
      offer: realms.offer,
      draining: () => draining || drains.on,
      onNeighbour: (peer) => {
        for (const tell of neighbourListeners) tell(peer)
      },
      paused: () => workers.pool.pausedMs > 0,
      settings: () => config().node,
      serve: (relationOf) =>
        servePeer({
          relationOf,
          share: () => config().node.share,
          assertTaking: () => drains.assertOff(),
          signer: keys.signer,
          runHere: (query, options) => realms.realms.run(query, options),
          limits: (asked, asker) => realms.realms.limitsFor(asked, asker),
          clock,
          log: new QueryLog(log),
        }),
    },
    {
      peerId: keys.peerId,
      version,
      node,
      ...aims(config()),
    },
  )
  workers.pool.onChange(() => swarm.discovery.changed())
  realms.realms.onChange(() => {
    swarm.aimAt(aims(config()))
    swarm.discovery.changed()
  })
  realms.realms.onLoadChange(() => swarm.discovery.loadChanged())
  const announceDraining = (): void => {
    draining = true
    void swarm.discovery.draining()
  }
  const follow = (next: RealmeshConfig): void => {
    swarm.aimAt(aims(next))
    swarm.peers.rejudge()
    swarm.discovery.changed()
  }
  const onNeighbour: SwarmRoom['onNeighbour'] = (listener) => void neighbourListeners.push(listener)
  const rendezvous = node.rendezvous.enabled ? [rendezvousOf(basics, swarm)] : []
  return {
    ...swarm,
    parts: [...swarm.parts, ...rendezvous],
    drains,
    announceDraining,
    follow,
    onNeighbour,
    door: swarmDoor(privateSwarm, basics, swarm),
  }
}

/** Its peers are strangers until their cards say more, and their addresses are heard, not told. */
function rendezvousOf({ config, keys, clock, log }: NodeBasics, { discovery, peers, addresses }: Swarm): Rendezvous {
  const { network, rendezvous: wanted } = config().node
  const rendezvous = new Rendezvous(
    {
      visit: (bootstrap, shown, signal) =>
        visitPublicDht({ privateKey: keys.privateKey, bootstrap, shown, mayDial: isShown }, signal),
      resolver: new Resolver(RESOLVER),
      shown: () =>
        addresses()
          .map((address) => multiaddr(address))
          .filter(isShown),
      connected: () => peers.connectedCount,
      suggest: (hint) => discovery.suggest('rendezvous', hint),
      clock,
      log,
    },
    { ...wanted, network },
  )
  peers.onChange(({ kind }) => {
    if (kind === 'connected') rendezvous.peersChanged()
  })
  discovery.ways.tellOf(rendezvous)
  return rendezvous
}

/** How this node enters a private swarm while it runs. */
function swarmDoor(privateSwarm: PrivateSwarm, { config, home }: NodeBasics, { libp2p }: Swarm): SwarmDoor {
  return {
    get key() {
      return privateSwarm.key
    },
    set key(key) {
      privateSwarm.key = key
    },
    isFixed: config().node.swarmKey !== undefined,
    settle: async (key, peer) => {
      await writeSwarmKey(home.swarmKey, key)
      const others = libp2p.getConnections().filter(({ remotePeer }) => remotePeer.toString() !== peer)
      await Promise.allSettled(others.map((connection) => connection.close()))
    },
  }
}

function openlyPrivate(): RealmeshError {
  return new RealmeshError('CONFIG_INVALID', 'a node of a private swarm does not meet others in the public DHT', {
    fix: 'realmesh config set node.rendezvous.enabled false, or take the swarm key away',
  })
}

/** Peers are remembered over restarts in a file of the home. A broken one costs a slower join. */
function peerMemory({ home, log }: NodeBasics): PeerMemory {
  return {
    load: () =>
      readJsonFile(
        home.peersFile,
        (peers) => peers,
        (error) => log.warn({ error: String(error) }, 'the remembered peers cannot be read; they are gathered anew'),
      ),
    save: (peers) => writeJsonFile(home.peersFile, peers),
  }
}
