/**
 * Where a restore may write. A backup may come from anywhere, so it has no say in that: a shard goes where this home's
 * configuration says, and one that the configuration does not name stays in the home's own folder.
 */
import { isAbsolute, join } from 'node:path'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { safeFolderName } from '../shard/shard-folder.ts'
import { INDEX_STORE, type ShardPlace, type ShardSpec, shardPlace } from '../shards/sharding-config.ts'
import { invalid } from './backup-format.ts'

/** A store of layout 1 of which nothing is read any more: an older backup has it. */
export const FORMER_STORE = 'node'

const LEVEL = 'level:'

export class RestorePlaces {
  readonly #home: string
  readonly #base: string
  readonly #configured: ReadonlyMap<string, ShardSpec>

  /** `home`: the node's folder for user data. `shards`: those of this home's configuration. */
  constructor(home: string, shards: readonly ShardSpec[]) {
    this.#home = home
    this.#base = join(home, 'shards')
    this.#configured = new Map(shards.map((spec) => [spec.name, spec]))
  }

  /**
   * The folder of a store; undefined for a shard on a server, and for a store that is no more. `told`: the shards that
   * the backup names. Throws `BACKUP_INVALID` for a place that the configuration does not have.
   */
  folderOf(name: string, told: readonly ShardSpec[]): string | undefined {
    const spec = told.find((shard) => shard.name === name)
    if (name === INDEX_STORE) return join(this.#home, name)
    if (name === FORMER_STORE && spec === undefined) return undefined
    if (spec === undefined) throw invalid(`the manifest does not say where ${safeFolderName(name)} belongs`)
    const place = this.placeOf(spec)
    if (place.kind === 'level') return place.folder
    if (shardPlace(spec.connectionString, this.#base).kind === 'redis') return undefined
    throw new RealmeshError('BACKUP_INVALID', `the shard ${safeFolderName(name)} is on a server here, a folder there`, {
      fix: 'restore into a home that keeps this shard in a folder',
    })
  }

  /** Where a shard that the backup names lies in this home. Throws `BACKUP_INVALID` when nothing says so. */
  placeOf(told: ShardSpec): ShardPlace {
    const own = this.#configured.get(told.name)
    if (own !== undefined) return shardPlace(own.connectionString, this.#base)
    if (staysInside(told)) return this.#inHome(told)
    throw new RealmeshError(
      'BACKUP_INVALID',
      `the backup has a shard ${safeFolderName(told.name)} outside of the home that this home's configuration does not name`,
      { fix: 'list it under database_sharding.shards in realms.yml with the place that it shall have, then restore' },
    )
  }

  #inHome({ connectionString }: ShardSpec): ShardPlace {
    try {
      return shardPlace(connectionString, this.#base)
    } catch (cause) {
      throw new RealmeshError('BACKUP_INVALID', 'the backup names a shard whose place leaves the home', { cause })
    }
  }
}

/** Whether the place is meant inside the home: only an absolute folder and a server are not. */
function staysInside({ connectionString }: ShardSpec): boolean {
  if (connectionString.startsWith('sqlite:')) return true
  return connectionString.startsWith(LEVEL) && !isAbsolute(connectionString.slice(LEVEL.length))
}
