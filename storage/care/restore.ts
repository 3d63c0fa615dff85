/**
 * `realmesh restore` and `realmesh verify`: reads a backup, checks every chunk against its name and every store against
 * its counters, and fills empty stores. The node must be stopped. Nothing of the present data is touched before the new
 * stores are whole.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { PLAN_KEY } from '../index/index-rows.ts'
import { safeFolderName, shardFolder } from '../shard/shard-folder.ts'
import { addToSum, encodeHead, HEAD_KEY, SCHEMA } from '../shard/shard-head.ts'
import { INDEX_STORE, type ShardSpec } from '../shards/sharding-config.ts'
import { carriedChecksum, decodeRecord, isIntact } from '../store/checked-record.ts'
import { levelShard } from '../store/level-shard.ts'
import type { ShardStore, StoreEntry } from '../store/shard-store.ts'
import type { StoreFiles } from '../store/store-files.ts'
import {
  BACKUP_FORMAT,
  type BackedUpStore,
  type BackupManifest,
  chunkPath,
  invalid,
  unpackChunk,
} from './backup-format.ts'
import { RestorePlaces } from './restore-place.ts'

const MANIFEST_NAME = /^backup-(\d{1,15})\.json$/

const SHARDS = z.array(z.object({ name: z.string(), connectionString: z.string() }))

const PLAN = z.object({ shards: SHARDS })

const MANIFEST = z.object({
  format: z.literal(BACKUP_FORMAT),
  at: z.number(),
  shards: SHARDS,
  stores: z.array(
    z.object({
      name: z.string(),
      records: z.number(),
      sum: z.number(),
      chunks: z.array(z.string()),
      head: z
        .object({ epoch: z.string(), seq: z.number(), records: z.number(), sum: z.number(), schema: z.number() })
        .optional(),
    }),
  ),
})

/** The newest manifest in the folder. Throws `BACKUP_INVALID`. */
async function readManifest(files: StoreFiles, directory: string): Promise<BackupManifest> {
  const names = ((await files.list(directory)) ?? []).filter((name) => MANIFEST_NAME.test(name))
  const newest = names.sort((a, b) => Number(MANIFEST_NAME.exec(b)?.[1]) - Number(MANIFEST_NAME.exec(a)?.[1]))[0]
  const text = newest === undefined ? undefined : await files.read(join(directory, newest))
  if (text === undefined) throw invalid(`there is no backup in the folder ${directory}`)
  let json: unknown
  try {
    json = JSON.parse(text.toString())
  } catch (cause) {
    throw invalid(`${newest} is not JSON`, cause)
  }
  const parsed = MANIFEST.safeParse(json)
  if (!parsed.success) throw invalid(`${newest} is not a manifest of a backup`)
  return parsed.data as BackupManifest
}

/** All rows of a store in the backup, chunk by chunk, each checked. Throws `BACKUP_INVALID`. */
async function* rowsOf(files: StoreFiles, directory: string, store: BackedUpStore): AsyncGenerator<StoreEntry[]> {
  let records = 0
  let sum = 0
  for (const name of store.chunks) {
    const bytes = await files.read(join(directory, ...chunkPath(name)))
    if (bytes === undefined) throw invalid(`${store.name}: a chunk is missing`)
    const rows = unpackChunk(name, bytes)
    for (const [key, value] of rows) {
      if (!isIntact(key, value)) throw invalid(`${store.name}: a record does not fit its checksum`)
      sum = addToSum(sum, carriedChecksum(value))
    }
    records += rows.length
    yield rows
  }
  if (records !== store.records || sum !== store.sum) throw invalid(`${store.name}: not all records are there`)
}

export interface BackupCheck {
  readonly at: number
  readonly stores: readonly { readonly name: string; readonly records: number }[]
}

/** Reads the whole backup. Throws `BACKUP_INVALID` at the first thing that is wrong. */
export async function verifyBackup(files: StoreFiles, directory: string): Promise<BackupCheck> {
  const manifest = await readManifest(files, directory)
  for (const store of manifest.stores) for await (const _ of rowsOf(files, directory, store));
  return { at: manifest.at, stores: manifest.stores.map(({ name, records }) => ({ name, records })) }
}

export interface RestoreInit {
  readonly directory: string
  /** The node's folder for user data; see user-data.ts. */
  readonly home: string
  /** The shards of this home's configuration: nothing is written where neither it nor the home is. */
  readonly shards: readonly ShardSpec[]
  /**
   * Wall clock, milliseconds: when the stores were created, and in the name of the folder to which what is there now is
   * moved.
   */
  readonly now: number
}

/**
 * Restores all LevelDB stores of a backup into `home`. What is there now is moved to `home`/replaced-<now>, not
 * removed. Where a shard belongs is this home's word, see restore-place.ts; one on a server is left alone: the server
 * has its own backups. Throws `BACKUP_INVALID`, `HOME_LOCKED` when the node runs.
 */
export async function restore(files: StoreFiles, init: RestoreInit): Promise<BackupCheck> {
  const check = await verifyBackup(files, init.directory)
  const manifest = await readManifest(files, init.directory)
  const at = new RestorePlaces(init.home, init.shards)
  await assertPlanFits(files, init.directory, manifest, at)
  const folders = foldersOf(manifest, at)
  const staged = join(init.home, 'restoring')
  await files.remove(staged)
  const places: { readonly from: string; readonly to: string; readonly aside: string }[] = []
  for (const store of manifest.stores) {
    const to = folders.get(store.name)
    if (to === undefined) continue
    const from = join(staged, safeFolderName(store.name))
    await fill(files, from, store, init)
    places.push({ from, to, aside: join(init.home, `replaced-${init.now}`, safeFolderName(store.name)) })
  }
  await files.makeFolder(join(init.home, 'shards'))
  await files.makeFolder(join(init.home, `replaced-${init.now}`))
  for (const { from, to, aside } of places) {
    if (await files.exists(to)) await files.rename(to, aside)
    await files.rename(from, to)
  }
  await files.remove(staged)
  return check
}

/** The folder of each store of the backup, decided before anything is written. Throws `BACKUP_INVALID`. */
function foldersOf({ stores, shards }: BackupManifest, places: RestorePlaces): ReadonlyMap<string, string | undefined> {
  const folders = new Map(stores.map(({ name }) => [name, places.folderOf(name, shards)]))
  const used = [...folders.values()].filter((folder) => folder !== undefined)
  if (folders.size < stores.length || new Set(used).size < used.length) throw invalid('two of its stores are one')
  return folders
}

/**
 * Throws `BACKUP_INVALID` unless every shard that the backup's index has planned may be opened in this home: a start
 * opens what the plan names.
 */
async function assertPlanFits(
  files: StoreFiles,
  directory: string,
  { stores }: BackupManifest,
  places: RestorePlaces,
): Promise<void> {
  for (const store of stores) {
    if (store.name !== INDEX_STORE) continue
    for await (const rows of rowsOf(files, directory, store)) {
      for (const [key, value] of rows) if (key === PLAN_KEY) for (const spec of plannedIn(value)) places.placeOf(spec)
    }
  }
}

function plannedIn(row: Uint8Array): readonly ShardSpec[] {
  const parsed = PLAN.safeParse(decodeRecord(PLAN_KEY, row).value)
  if (!parsed.success) throw invalid('the plan of shards in the backup cannot be read')
  return parsed.data.shards
}

/** A new store with the rows of the backup, complete with marker and head, under a new epoch. */
async function fill(
  files: StoreFiles,
  root: string,
  from: BackedUpStore,
  { directory, now }: RestoreInit,
): Promise<void> {
  const at = shardFolder(root)
  await files.makeFolder(at.root)
  const store = levelShard({ name: from.name, directory: at.db, create: true })
  await store.open()
  const epoch = randomBytes(8).toString('hex')
  try {
    for await (const rows of rowsOf(files, directory, from)) await putAll(store, rows)
    const head = {
      epoch,
      seq: (from.head?.seq ?? 0) + 1,
      records: from.records,
      sum: from.sum,
      schema: from.head?.schema ?? SCHEMA,
    }
    await store.write([{ key: HEAD_KEY, value: encodeHead(head) }], { expected: new Map() })
  } finally {
    await store.close()
  }
  await files.writeAtomic(at.marker, JSON.stringify({ epoch, createdAt: now }))
}

async function putAll(store: ShardStore, rows: readonly StoreEntry[]): Promise<void> {
  await store.write(
    rows.map(([key, value]) => ({ key, value })),
    { expected: new Map() },
  )
}
