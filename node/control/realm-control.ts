/** The operator's hand on realms and on the pools in them. */
import { realmForType } from '../../config/config.ts'
import { type ConfigEdit, removeRealm, setAt, setRealm, type WrittenConfig } from '../../config/edit/edits.ts'
import { type RealmFile, realmSchema } from '../../config/schema/realm-schema.ts'
import { label, realmName } from '../../config/schema/schema-parts.ts'
import { checkValue } from '../../core/check-value.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { PoolControl, RealmControl } from '../api/config-control.ts'
import type { LiveConfig } from './live-config.ts'

type Live = Pick<LiveConfig, 'config' | 'values' | 'change'>

export function realmControl(live: Live): RealmControl {
  return {
    list: () =>
      live.config.realms.map(({ name, primaryQueryType, pools }) => ({
        name,
        primaryQueryType,
        pools: pools.map((pool) => pool.name),
        primary: realmForType(live.config, primaryQueryType)?.name === name,
      })),
    set: async (name, value, options) => {
      checkValue(realmName, name, 'name')
      checkValue(realmSchema, value, 'realm')
      return await live.change(setRealm(name, value as object), options)
    },
    change: async (name, changes, options) => {
      checkValue(realmSchema, { ...realmOf(live, name), ...changes }, 'realm')
      return await live.change(
        (file) =>
          Object.entries(changes).reduce((next, [key, value]) => setAt(['realms', name, key], value)(next), file),
        options,
        () => void realmOf(live, name),
      )
    },
    remove: async (name, options) => await live.change(removeRealm(name), options, () => void realmOf(live, name)),
  }
}

export function poolControl(live: Live): PoolControl {
  return {
    list: () =>
      live.config.realms.flatMap(({ name: realm, pools }) =>
        pools.map(({ name, members, strategy }) => ({ realm, name, members, strategy })),
      ),
    set: async (realm, name, pool, options) => {
      checkValue(label, name, 'name')
      return await live.change(setAt(['realms', realm, 'pools', name], pool), options, () => void realmOf(live, realm))
    },
    remove: async (realm, name, options) => {
      const own = (file: WrittenConfig): WrittenConfig => (isOnly(live, realm, name) ? withoutPool(file, name) : file)
      return await live.change(
        (file) => setAt(['realms', realm, 'pools', name], undefined)(own(file)),
        options,
        () => void poolOf(live, realm, name),
      )
    },
    join: async (realm, name, worker, options) => {
      const members = (names: readonly string[]): readonly string[] =>
        names.includes(worker) ? names : [...names, worker]
      return await live.change(withMembers(realm, name, members), options, () => void poolOf(live, realm, name))
    },
    leave: async (realm, name, worker, options) => {
      const members = (names: readonly string[]): readonly string[] => names.filter((each) => each !== worker)
      return await live.change(
        (file) => withMembers(realm, name, members)(withoutPool(file, name, worker)),
        options,
        () => void poolOf(live, realm, name),
      )
    },
  }
}

function withMembers(realm: string, pool: string, edit: (names: readonly string[]) => readonly string[]): ConfigEdit {
  return (file) => {
    const members = file.realms?.[realm]?.pools?.[pool]?.members ?? []
    return setAt(['realms', realm, 'pools', pool, 'members'], edit(members))(file)
  }
}

/** Takes out what workers themselves say of the pool. @default of all workers */
function withoutPool(file: WrittenConfig, pool: string, worker?: string): WrittenConfig {
  if (file.workers === undefined) return file
  const workers = file.workers.map((each) => {
    if (each.pool !== pool || (worker !== undefined && each.name !== worker)) return each
    const { pool: _left, ...others } = each
    return others
  })
  return { ...file, workers }
}

/** Whether no other realm has a pool of that name: then who names it names nothing once it is gone. */
function isOnly({ values }: Live, realm: string, pool: string): boolean {
  return Object.entries(values.realms).every(([name, { pools }]) => name === realm || pools[pool] === undefined)
}

function poolOf(live: Live, realm: string, pool: string): RealmFile['pools'][string] {
  const { pools } = realmOf(live, realm)
  const found = pools[pool]
  if (found !== undefined) return found
  const names = Object.keys(pools)
  throw new RealmeshError('BAD_REQUEST', `${realm} has no pool ${pool}`, {
    fix: names.length === 0 ? 'realmesh pools set makes one' : `its pools are ${names.join(', ')}`,
  })
}

function realmOf({ values }: Live, name: string): RealmFile {
  const realm = values.realms[name]
  if (realm !== undefined) return realm
  throw new RealmeshError('REALM_NOT_FOUND', `there is no realm ${name}`, {
    fix: `the realms are ${Object.keys(values.realms).join(', ')}`,
  })
}
