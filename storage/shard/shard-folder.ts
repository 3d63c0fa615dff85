/** Where a shard's files lie. A name that comes from anyone but the operator never becomes a path. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'

/** The parts of a shard's folder. */
export interface ShardFolder {
  readonly root: string
  /** LevelDB's own folder. */
  readonly db: string
  /** Says that the shard was created: from then on a missing CURRENT file is damage. */
  readonly marker: string
  readonly witness: string
  /** The process that has it open. */
  readonly owner: string
  /** The store's files as they were before this opening: LevelDB deletes what a cut MANIFEST forgot. */
  readonly before: string
  /** The copy on which a repair was tried. */
  readonly repaired: string
  /** The report of a shard that is out of service. */
  readonly damage: string
}

export function shardFolder(root: string): ShardFolder {
  const at = (name: string): string => join(root, name)
  return {
    root,
    db: at('db'),
    marker: at('shard.json'),
    witness: at('witness'),
    owner: at('owner'),
    before: at('before'),
    repaired: at('repaired'),
    damage: at('damage.json'),
  }
}

const PLAIN_NAME = /^[a-z0-9][a-z0-9_-]{0,47}(\.[a-z0-9_-]{1,12})?$/
/** Names that Windows keeps for devices, with any ending. */
const DEVICE_NAME = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/

/**
 * A folder name for any string: the string itself when it is plain and lower-case, else a hash. Equal only for equal
 * strings.
 */
export function safeFolderName(name: string): string {
  if (PLAIN_NAME.test(name) && !DEVICE_NAME.test(name)) return name
  return `.h-${createHash('sha256').update(Buffer.from(name, 'utf16le')).digest('hex').slice(0, 32)}`
}
