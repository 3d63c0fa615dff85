/** Opens the shard that a specification names, whatever software stands behind it. */

import { defined } from '../../core/defined.ts'
import type { RealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { LevelShardOpener, type OpenedShard } from '../shard/level-shard-opener.ts'
import { Shard } from '../shard/shard.ts'
import { LAYOUT_KEY, SCHEMA } from '../shard/shard-head.ts'
import type { LevelShardInit } from '../store/level-shard.ts'
import type { ShardStore } from '../store/shard-store.ts'
import type { StoreFiles } from '../store/store-files.ts'
import { type ShardSpec, shardPlace } from './sharding-config.ts'

export interface ShardOpeningComponents {
  readonly files: StoreFiles
  readonly clock: Pick<Clock, 'wall'>
  readonly onProblem?: (problem: RealmeshError) => void
  /** Makes a store on this machine. @default LevelDB */
  readonly newStore?: (init: LevelShardInit) => ShardStore
  /** Opens a server's store; loaded only when a connection string asks for it. */
  readonly connect?: (url: string, name: string) => Promise<ShardStore>
}

export interface ShardOpeningInit {
  /** Folder of the node's own shards. */
  readonly base: string
  readonly quarantine: string
  /** Window of the group commit, milliseconds. @default 4 */
  readonly windowMs?: number
}

export class ShardOpening {
  readonly #components: ShardOpeningComponents
  readonly #init: ShardOpeningInit

  constructor(components: ShardOpeningComponents, init: ShardOpeningInit) {
    this.#components = components
    this.#init = init
  }

  /** `known`: it was opened before, so a place without its files is damage and not a first start. */
  async open(spec: ShardSpec, known = false): Promise<OpenedShard> {
    const place = shardPlace(spec.connectionString, this.#init.base)
    return place.kind === 'level'
      ? await this.#opener(spec.name, place.folder).open(known)
      : { shard: await this.#openServer(place.url, spec.name) }
  }

  /**
   * Puts the repaired copy of a damaged LevelDB shard into service; `orFresh`: or an empty one when nothing came back.
   */
  async acceptRepair(spec: ShardSpec, orFresh = false): Promise<OpenedShard> {
    const place = shardPlace(spec.connectionString, this.#init.base)
    return place.kind === 'level'
      ? await this.#opener(spec.name, place.folder).acceptRepair(orFresh)
      : await this.open(spec)
  }

  #opener(name: string, root: string): LevelShardOpener {
    const { base: _, ...init } = this.#init
    return new LevelShardOpener(this.#components, { ...init, name, root })
  }

  async #openServer(url: string, name: string): Promise<Shard> {
    const connect = this.#components.connect ?? connectServer
    const store = await connect(url, name)
    const { onProblem } = this.#components
    const shard = new Shard(
      { store, ...defined({ onProblem }) },
      { name, epoch: '0'.repeat(16), ...defined({ windowMs: this.#init.windowMs }) },
    )
    await shard.start()
    // A new store has to say so: without the note the next start would take its rows for those of the first layout.
    if (shard.head.schema === SCHEMA && (await shard.get(LAYOUT_KEY)) === undefined) await shard.raiseSchema(SCHEMA)
    return shard
  }
}

async function connectServer(url: string, name: string): Promise<ShardStore> {
  const { redisShard } = await import('../store/redis-shard.ts')
  return await redisShard({ url, name })
}
