/**
 * The composition root of a node, as a table of contents: one room after the other, each given those that it stands on.
 */
import { dirname } from 'node:path'
import type { RealmeshConfig } from '../config/config.ts'
import type { ConfigEdit } from '../config/edit/edits.ts'
import type { Logger } from '../core/logger.ts'
import { type Clock, systemClock } from '../core/run/clock.ts'
import type { HomeFolder } from '../home/home-folder.ts'
import { type EngineSource, loadNodeKeys, type NodeBasics, type TellOwner } from './compose/basics.ts'
import { composeDoctor } from './compose/doctoring.ts'
import { composeInvitations } from './compose/invitations.ts'
import { composePairings } from './compose/pairings.ts'
import { composeQueries } from './compose/queries.ts'
import { composeRealms } from './compose/realms.ts'
import { composeRouting } from './compose/routing.ts'
import { composeSwarm } from './compose/swarm.ts'
import { composeTelling } from './compose/telling.ts'
import { composeUserData } from './compose/user-data.ts'
import { composeWorkers } from './compose/workers.ts'
import type { ConfiguredFile } from './control/config-control.ts'
import { LiveConfig, type PreparedChange, type ReadConfig } from './control/live-config.ts'
import { operatorControl } from './control/operator-control.ts'
import { FederationRoom } from './federation/federation-room.ts'
import { Membership } from './invite/membership.ts'
import { RealmeshNode } from './realmesh-node.ts'
import type { RosterReport } from './roster/worker-roster.ts'

export interface CreateNodeInit {
  readonly config: RealmeshConfig
  /** What `config` was made from, and how to read it again; absent when no file is behind it. */
  readonly source?: ConfigSource
  readonly home: HomeFolder
  readonly log: Logger
  /** @default into the log */
  readonly tell?: TellOwner
  /** Of the daemon, for cards and status. */
  readonly version: string
  /** @default systemClock */
  readonly clock?: Clock
  /** @default the engines of this machine */
  readonly engines?: EngineSource
}

/** Where a configuration comes from. */
export interface ConfigSource extends Pick<ReadConfig, 'values'> {
  /** The file; undefined when there is none yet. */
  readonly path: string | undefined
  /** Reads file, flags and variables again. Throws what is wrong with them. */
  readonly read: () => Promise<ReadConfig>
  /** Prepares a change of the file. Absent: no change is written. */
  readonly prepare?: (edit: ConfigEdit) => Promise<PreparedChange>
  /** The file, for the operator who looks at it. @default none */
  readonly file?: ConfiguredFile
}

/** Puts a node together; nothing is acquired before its `start()` but its keys. */
export async function createNode(init: CreateNodeInit): Promise<RealmeshNode> {
  const { home, log, version, source, clock = systemClock, engines = {} } = init
  const tell: TellOwner = init.tell ?? ((line, fields) => log.info(fields, line))
  const keys = await loadNodeKeys(home, init.config.node.federationKey)
  const { peerId } = keys
  const apply = async (next: RealmeshConfig): Promise<RosterReport> => {
    swarm.follow(next)
    realms.realms.apply(next.realms)
    await hosts.follow(next)
    return await workers.roster.apply(next)
  }
  const live = new LiveConfig(
    { read: source?.read, prepare: source?.prepare, apply, checkWorkers: (changed) => workers.roster.check(changed) },
    { config: init.config, values: source?.values, baseFolder: dirname(source?.path ?? home.configFile) },
  )
  const config = (): RealmeshConfig => live.config
  const basics: NodeBasics = { home, log, tell, clock, version, config, keys, engines }

  const users = await composeUserData(basics)
  const workers = composeWorkers(basics)
  const realms = composeRealms(basics, workers)
  const membership = await Membership.of(
    keys.federationKey,
    { clock, label: () => config().node.federationLabel },
    { peerId, network: init.config.node.network },
  )
  const swarm = await composeSwarm(basics, { membership, workers, realms })
  const invitations = composeInvitations(basics, {
    membership,
    swarm,
    reload: async () => {
      if (source !== undefined) await live.reload()
    },
    befriend: (friend) => control.peers.friend(friend),
  })
  const pairings = composePairings(basics, { swarm, invitations })
  const routing = composeRouting(basics, { realms, swarm })
  const queries = composeQueries(basics, { users, realms, routing })
  const hosts = new FederationRoom(basics, { users, workers, realms })
  await hosts.readTokens()
  const telling = composeTelling(basics, { membership, users, workers, realms, swarm, routing, hosts })
  const control = operatorControl(
    {
      ...{ live, clock, ...workers, ...users, realms: realms.realms, drains: swarm.drains },
      ...{ responses: queries.responses, batches: queries.batches, file: source?.file },
      doctor: composeDoctor(basics, { live, file: source?.file, users, workers, realms, swarm }),
      ...{ invitations: invitations.control, pairings: pairings.control },
      swarm: {
        peers: telling.describe.peers,
        federationOf: (peer) => swarm.peers.get(peer)?.card?.federation?.publicKey,
        pardon: swarm.pardon,
      },
    },
    { shardsFolder: home.shardsFolder },
  )
  return new RealmeshNode(
    {
      ...queries,
      ...telling,
      federation: hosts.federation,
      parts: [
        ...[...users.parts, ...workers.parts, ...realms.parts, hosts],
        ...[...swarm.parts, ...invitations.parts, ...pairings.parts, telling.watch, telling.registry],
      ],
      servedPeers: () => realms.realms.idle(),
      announceDraining: () => {
        realms.realms.drain()
        swarm.announceDraining()
      },
      apply: (next) => live.replace(next),
      drains: swarm.drains,
      control,
    },
    { peerId },
  )
}
