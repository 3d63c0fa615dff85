/**
 * What the operator may do with a running node, beside what everyone may ask of it. The admin routes are its only
 * caller outside.
 */

import type { Diagnosis } from '../../core/model/finding.ts'
import type { QueryType } from '../../core/query/query.ts'
import type { BackupReport } from '../../storage/care/backup.ts'
import type { ShardCheck } from '../../storage/shards/shard-check.ts'
import type { ShardSpec } from '../../storage/shards/sharding-config.ts'
import type { UserDataStatus } from '../../storage/user-data.ts'
import type { ExportedUser } from '../../storage/users/export-user.ts'
import type { ListedUser } from '../../storage/users/list-users.ts'
import type { ErasedUser } from '../../storage/users/user-eraser.ts'
import type { Changed } from './changes.ts'
import type {
  ConfigControl,
  EngineControl,
  PeerControl,
  PoolControl,
  RealmControl,
  WorkerControl,
} from './config-control.ts'
import type { InvitationControl } from './joining/invitation-control.ts'
import type { PairingControl } from './joining/pairing-control.ts'
import type { KnownUser, PastQueries, PastQuery } from './known-users.ts'

export interface NodeControl {
  /**
   * Stops serving other nodes: for `ms`, or until `resume`, over restarts too. Own queries are served, and what runs
   * goes on.
   */
  pause(ms?: number): Promise<void>
  resume(): Promise<void>
  readonly node: DrainControl
  readonly config: ConfigControl
  readonly workers: WorkerControl
  readonly engines: EngineControl
  readonly realms: RealmControl
  readonly pools: PoolControl
  readonly peers: PeerControl
  readonly shards: ShardControl
  readonly users: UserControl
  readonly queries: QueryControl
  readonly invitations: InvitationControl
  readonly doctor: DoctorControl
  readonly pairings: PairingControl
  /**
   * A consistent copy of all user data in the folder, while the node goes on; incremental when an earlier one is there.
   */
  backup(directory: string): Promise<BackupReport>
}

/** Names what is broken and what helps. Changes nothing, but that peers may be dialled and one is asked. */
export interface DoctorControl {
  /** The node, its machine and how it stands in the swarm. Done within seconds, whatever hangs. */
  examine(): Promise<Diagnosis>
  /**
   * Why a peer is not reached, or does not serve this node: by its id, its end, or a name. `model`: one that it is to
   * serve.
   */
  about(peer: string, model?: string): Promise<Diagnosis>
}

/** Until the restart. */
export interface DrainControl {
  /**
   * Takes no new query, of nobody, and tells the swarm; returns at once, while what runs goes on. The status says when
   * all of it has ended.
   */
  drain(): Changed
  undrain(): Changed
}

/** The plan of shards is kept in the user data: what is changed here outlasts a restart. */
export interface ShardControl {
  status(): UserDataStatus
  /**
   * Opens another shard and begins to move its share of the users there. Throws `BAD_REQUEST`, `CONFIG_INVALID`,
   * `USAGE`.
   */
  add(shard: ShardSpec): Promise<void>
  /** Begins to move everyone out of a shard. Throws `SHARD_NOT_FOUND`, `USAGE`. */
  drain(name: string): Promise<void>
  /** Begins to spread users over the named shards. @default all, those that were drained too */
  rebalance(names?: readonly string[]): Promise<void>
  /** Puts what the repair of a damaged shard brought back into service, whatever is missing from it. */
  repair(name: string): Promise<void>
  /** Reads every record of every shard. */
  verify(): Promise<readonly ShardCheck[]>
}

/**
 * A GUID is a credential: it must not get into logs, addresses or command lines. Every act takes a GUID or a handle
 * (`who`), and throws `USER_NOT_FOUND`.
 */
export interface UserControl {
  /** Who there is, by their last query; of more than a thousand the latest. */
  list(): Promise<NamedUsers>
  /** Everything that is kept of the user. */
  export(who: string): Promise<ExportedUser>
  /** Removes everything that is kept of the user, and looks that nothing is left. */
  erase(who: string): Promise<ErasedUser>
  /** Changes what the user wants kept, from their next query on. */
  settings(who: string, changes: UserSettings): Promise<UserSettings>
  /** Shuts the user out at every door, at once and over restarts; what runs for them ends with `USER_BANNED`. */
  ban(who: string): Promise<KnownUser>
  /** Lets the user in again. */
  unban(who: string): Promise<KnownUser>
  /** Makes the user a sysop, or one no more. */
  sysop(who: string, on: boolean): Promise<KnownUser>
  /** The user's queries, newest first. */
  history(who: string, page: PastQueries): Promise<readonly PastQuery[]>
  /** Gives credits, or takes them. The same `id` counts once. Throws `BAD_REQUEST`. */
  credit(who: string, credit: NewCredit): Promise<KnownUser>
}

/** Users with their handles. */
export interface NamedUsers {
  readonly users: readonly (ListedUser & { readonly handle: string })[]
  /** How many there are; more than `users` holds where the list was cut. */
  readonly total: number
}

export interface UserSettings {
  /** Whether prompts and answers are kept. */
  readonly history: boolean
}

export interface NewCredit {
  /** Chosen by the caller, so that asking again gives nothing twice. @default a new one */
  readonly id?: string
  /** Below zero: they are taken. */
  readonly credits: number
  /** For the user's export. @default none */
  readonly note?: string
}

/** The queries that run for users of this node; those of peers are the peers'. */
export interface QueryControl {
  /** Those that have run longest first, MAX_LISTED_QUERIES at most. */
  list(): readonly RunningQuery[]
  /**
   * Ends queries with `TERMINATED` and returns how many: they cost nothing. An id may be that of several users, who
   * chose it; with `user` it is that user's alone.
   */
  terminate(which: WhichQueries): number
}

/** By id, by user (a GUID or a handle), or both. */
export type WhichQueries =
  | { readonly id: string; readonly user?: string }
  | { readonly user: string; readonly id?: string }

export interface RunningQuery {
  readonly id: string
  /** The handle of its user. */
  readonly user: string
  readonly type: QueryType
  readonly realm: string
  /** As the client asked. */
  readonly model: string
  /** Wall clock when it was accepted, milliseconds since the epoch. */
  readonly since: number
  /** `waiting`: no worker has begun with it. */
  readonly state: 'waiting' | 'running'
  /** Peer id of the node that serves it, this one too; absent while it waits. */
  readonly node?: string
}
