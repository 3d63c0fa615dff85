/** What the operator may do with what stands in realms.yml: workers, realms, pools, peers, and any value of it. */
import type { WorkerStatus } from '../../core/model/worker.ts'
import type { QueryType } from '../../core/query/query.ts'
import type { Changed, ChangeOptions } from './changes.ts'
import type { PeerStatus } from './node-api.ts'

/** What became of a file that was read again: paths such as `realms.$CHAT`, `workers.desk` or `node.scope`. */
export interface ReloadReport {
  /** Changed and in force; a worker too whose key or model file changed behind an unchanged name. */
  readonly applied: readonly string[]
  /** Changed since the start, in force after the next one. */
  readonly restart: readonly string[]
  /** What the configuration wants and cannot have now, one line each, such as a worker whose key cannot be read. */
  readonly problems: readonly string[]
}

/** Every change of these throws `CONFIG_CHANGED`, `STORAGE_FULL` or `STORAGE_FAILED` when it cannot be written. */
export interface WorkerControl {
  /** Workers that the node should have and cannot use are listed too, with the reason. */
  list(): readonly WorkerStatus[]
  /**
   * In the file's form, checked here. An engine that was found goes on under the new name and rules. Resolves after the
   * first look at its engine. Throws `BAD_REQUEST`, `CONFIG_INVALID`, `KEY_FILE_LAX`, `KEY_FILE_BAD`.
   */
  add(worker: unknown, options?: ChangeOptions): Promise<Changed>
  /**
   * Replaces what is configured under that name. Where the engine, its address or key is another, what runs ends first,
   * within half a minute; else it goes on. Throws as `add` does.
   */
  change(worker: unknown, options?: ChangeOptions): Promise<Changed>
  /**
   * Takes nothing new from now on, not the owner's queries either; returns at once, while what runs goes on. Until the
   * restart.
   */
  drain(name: string): Changed
  undrain(name: string): Changed
  /**
   * Its engine is kept out until the next start, or until the configuration names it anew. Resolves when its last query
   * has ended, or was ended after half a minute. Written where the configuration names it. Throws `BAD_REQUEST`,
   * `CONFIG_INVALID`.
   */
  remove(name: string, options?: ChangeOptions): Promise<Changed>
  /**
   * Asks an engine whether it answers and what it has, and changes nothing: of a worker that runs, by its name, or of
   * one in the file's form that could be added. Throws `BAD_REQUEST` only.
   */
  test(worker: unknown): Promise<EngineTest>
}

/** What an engine said. */
export interface EngineTest {
  readonly ok: boolean
  /** Until it said what it has, milliseconds. */
  readonly tookMs: number
  /** Names of the models that it offers. */
  readonly models: readonly string[]
  /** What is wrong. */
  readonly error?: { readonly code: string; readonly message: string; readonly fix?: string }
}

/** A realm as its operator wrote it. */
export interface WrittenRealm {
  readonly name: string
  readonly primaryQueryType: QueryType
  readonly pools: readonly string[]
  /** Whether queries of its type begin in it. */
  readonly primary: boolean
}

export interface RealmControl {
  /** Those of the configuration, in its order. */
  list(): readonly WrittenRealm[]
  /**
   * Adds a realm, or replaces the one of that name, which finishes what it accepted. `realm` is in the file's form,
   * checked here. Throws `BAD_REQUEST`, `CONFIG_INVALID`.
   */
  set(name: string, realm: unknown, options?: ChangeOptions): Promise<Changed>
  /** The same, with all that `changes` does not name as it was. Throws `REALM_NOT_FOUND` too. */
  change(name: string, changes: object, options?: ChangeOptions): Promise<Changed>
  /** It finishes what it accepted. Throws `REALM_NOT_FOUND`, `CONFIG_INVALID`. */
  remove(name: string, options?: ChangeOptions): Promise<Changed>
}

export interface PoolStatus {
  readonly realm: string
  readonly name: string
  /** Those that the pool names, and those that name the pool. */
  readonly members: readonly string[]
  readonly strategy: string
}

/** Groups of workers with a strategy of their own. All throw `REALM_NOT_FOUND`, `BAD_REQUEST`, `CONFIG_INVALID`. */
export interface PoolControl {
  list(): readonly PoolStatus[]
  /** Adds or replaces one. @default members none, strategy `health` */
  set(realm: string, name: string, pool: object, options?: ChangeOptions): Promise<Changed>
  /** Its workers stay. */
  remove(realm: string, name: string, options?: ChangeOptions): Promise<Changed>
  /** Puts a worker that the configuration names into the pool. Twice is harmless. */
  join(realm: string, name: string, worker: string, options?: ChangeOptions): Promise<Changed>
  leave(realm: string, name: string, worker: string, options?: ChangeOptions): Promise<Changed>
}

export interface PeerList {
  readonly peers: readonly PeerStatus[]
  readonly blocked: readonly string[]
  readonly friends: readonly Friendship[]
  /** What the owner calls them, by peer id. */
  readonly names: Readonly<Record<string, string>>
}

export interface Friendship {
  /** Exactly one of the two. */
  readonly peer?: string
  readonly federation?: string
  /** ISO 8601, when it ends. */
  readonly until?: string
}

/**
 * Where a peer is wanted, its id, what the owner calls it, or the end of the id of a known one. All throw `BAD_REQUEST`
 * where that names nobody, or more than one.
 */
export interface PeerControl {
  list(): PeerList
  /** Cuts it off at once; it is neither met, nor asked, nor served from then on. */
  block(peer: string, options?: ChangeOptions): Promise<Changed>
  /** Lets it in again, also where this node itself shut it out for breaking rules. */
  unblock(peer: string, options?: ChangeOptions): Promise<Changed>
  /** Anew with another end where it is one already. */
  friend(friend: Friendship, options?: ChangeOptions): Promise<Changed>
  /** Of a peer: that with its federation too, by which an invitation makes friends. */
  unfriend(friend: Friendship, options?: ChangeOptions): Promise<Changed>
  /** What this node calls it; undefined takes the name away. */
  name(peer: string, name: string | undefined, options?: ChangeOptions): Promise<Changed>
}

export interface ConfigValue {
  /** As people write it, such as `node.http`; the whole: empty. */
  readonly path: string
  /** In force, in the file's form. */
  readonly value: unknown
  /** Where it came from: a flag, a variable, a place in the file, or a default; absent for a section. */
  readonly origin?: string
}

export interface ConfigCheck {
  readonly valid: boolean
  /** The file, also where it is not there. */
  readonly path?: string
  readonly problems: readonly { readonly where: string; readonly message: string; readonly hint?: string }[]
  /** What is valid and most likely not meant. */
  readonly warnings: readonly string[]
}

/** What a reload would do. */
export interface ConfigChanges {
  readonly path?: string
  /** Paths that would be put into force. */
  readonly applied: readonly string[]
  /** Paths that would wait for a restart. */
  readonly restart: readonly string[]
}

export interface ConfigControl {
  /** Throws `USAGE` where nothing can stand. @default the whole */
  get(path?: string): ConfigValue
  /** Puts a value in the file's form at a path; null takes out what stands there. Throws `USAGE`, `CONFIG_INVALID`. */
  set(path: string, value: unknown): Promise<Changed>
  /** What is wrong with a text, or with the file as it is now. */
  validate(text?: string): Promise<ConfigCheck>
  /** Reads the configuration again and applies what can change while the node runs. Throws what is wrong with it. */
  reload(): Promise<ReloadReport>
  /** What the file would change. Throws what is wrong with it. */
  diff(): Promise<ConfigChanges>
}

export interface EngineControl {
  /** What the last look at this machine saw. */
  list(): EnginesSeen
  /** Looks now. Workers follow, where the node looks for engines at all. */
  look(): Promise<EnginesSeen>
}

export interface EnginesSeen {
  readonly found: readonly { readonly kind: string; readonly url: string; readonly version?: string }[]
  /** What answered, or was named, and is not used, with the reason. */
  readonly refused: readonly { readonly url: string; readonly reason: string; readonly listening?: boolean }[]
  /** Wall clock of the look, milliseconds since the epoch; absent before the first. */
  readonly at?: number
}
