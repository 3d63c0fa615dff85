/**
 * What no single key can tell: names that must exist, numbers that must fit each other. Pure; runs on a file that fits
 * the schema.
 */

import { isCloudKind } from '../../core/model/engine-kind.ts'
import { didYouMean } from '../../core/nearest.ts'
import { scopeReaches } from '../../core/scope.ts'
import { STANDING_REALM_NAMES } from '../config.ts'
import type { ConfigPath } from '../config-path.ts'
import type { ConfigFile } from '../schema/file-schema.ts'
import { directionOf, hostName } from '../schema/host-schema.ts'
import type { RealmFile } from '../schema/realm-schema.ts'
import type { Complaint } from './explain-issue.ts'

/** All complaints, in the order of the file's sections. */
export function crossCheck(file: ConfigFile): readonly Complaint[] {
  const realms = Object.keys(file.realms)
  return [
    ...(realms.length === 0 ? [complaint(['realms'], 'no realm at all', 'name one, or remove the key realms')] : []),
    ...Object.entries(file.realms).flatMap(([name, realm]) => checkRealm(name, realm, file)),
    ...checkSharding(file),
    ...checkWorkers(file),
    ...checkHosts(file),
    ...checkFriends(file),
    ...checkTls(file),
    ...checkPage(file),
  ]
}

/** What is valid and most likely not meant, one line each. `nowMs` is the wall clock. */
export function warningsOf(file: ConfigFile, nowMs: number): readonly string[] {
  return [...idleHosts(file), ...missingRealms(file), ...idleFriends(file, nowMs)]
}

/** Hosts that nothing is asked of, or that are answered nothing, by the scopes of this file. */
function idleHosts(file: ConfigFile): readonly string[] {
  const { scope, share } = file.node
  return file.federation_hosts.flatMap((host) => {
    const { relation } = host
    const direction = directionOf(host)
    const asker = `${hostName(host)} counts as ${relation}`
    return [
      ...(direction !== 'out' && !scopeReaches(share, relation)
        ? [`${asker} and node.share is ${share}: its queries are refused`]
        : []),
      ...(direction !== 'in' && !scopeReaches(scope, relation)
        ? [`${asker} and node.scope is ${scope}: only queries that name a wider scope are sent there`]
        : []),
    ]
  })
}

/**
 * Who names one realm has no other: chat takes over embeddings and pictures in a conversation, but nobody makes
 * pictures then.
 */
function missingRealms({ realms }: ConfigFile): readonly string[] {
  const types = Object.values(realms).map((realm) => realm.primary_query_type)
  return (['chat', 'imagine'] as const)
    .filter((type) => !types.includes(type))
    .map(
      (type) =>
        `no realm is for ${type}, such queries are refused: add one, for what is named replaces the default realms`,
    )
}

/** A scope or share of `friends` without friends, and friendships that have ended. */
function idleFriends({ node, federation_hosts: hosts, discovery }: ConfigFile, nowMs: number): readonly string[] {
  const directions = hosts.filter(({ relation }) => relation === 'friend').map(directionOf)
  const asked = discovery.bootstrap_nodes.length > 0 || directions.some((direction) => direction !== 'in')
  const others = { scope: asked, share: directions.some((direction) => direction !== 'out') }
  const lonely = (['scope', 'share'] as const).filter(
    (key) => node[key] === 'friends' && node.friends.length === 0 && !others[key],
  )
  const ended = node.friends.flatMap(({ until }, i) =>
    until !== undefined && Date.parse(until) <= nowMs ? [`node.friends[${i}] ended on ${until}`] : [],
  )
  return [
    ...lonely.map((key) => `node.${key} is friends and node.friends is empty: that is the same as home`),
    ...ended,
  ]
}

function checkRealm(name: string, realm: RealmFile, file: ConfigFile): readonly Complaint[] {
  const at: ConfigPath = ['realms', name]
  const realms = Object.keys(file.realms)
  const found: Complaint[] = []
  if (realm.min_workers > realm.max_workers) {
    const message = `${realm.min_workers} is more than max_workers (${realm.max_workers})`
    found.push(complaint([...at, 'min_workers'], message, 'raise max_workers or lower min_workers'))
  }
  realm.backup_realms.forEach((backup, i) => {
    if (backup === name)
      found.push(complaint([...at, 'backup_realms', i], `${name} cannot be its own backup`, 'remove it'))
    else found.push(...mustExist(backup, realms, 'realm', [...at, 'backup_realms', i]))
  })
  const workers = file.workers.map((worker) => worker.name)
  for (const [pool, { members }] of Object.entries(realm.pools)) {
    members.forEach((member, i) => {
      found.push(...mustExist(member, workers, 'worker', [...at, 'pools', pool, 'members', i]))
    })
  }
  return found
}

function checkSharding({ database_sharding: sharding }: ConfigFile): readonly Complaint[] {
  const at: ConfigPath = ['database_sharding']
  const names = sharding.shards.map((shard) => shard.name)
  const found = [...onlyOnce(names, 'shard', (i) => [...at, 'shards', i, 'name'])]
  if (sharding.enabled && names.length === 0) {
    found.push(
      complaint(
        [...at, 'enabled'],
        'sharding is on, but there are no shards',
        'list them under shards, or write false',
      ),
    )
  }
  for (const [prefix, name] of Object.entries(sharding.shard_map)) {
    found.push(...mustExist(name, names, 'shard', [...at, 'shard_map', prefix]))
  }
  return found
}

function checkWorkers(file: ConfigFile): readonly Complaint[] {
  const pools = Object.values(file.realms).flatMap((realm) => Object.keys(realm.pools))
  const found = [
    ...onlyOnce(
      file.workers.map((worker) => worker.name),
      'worker',
      (i) => ['workers', i, 'name'],
    ),
  ]
  file.workers.forEach((worker, i) => {
    if (worker.url === undefined && !isCloudKind(worker.engine)) {
      found.push(complaint(['workers', i, 'url'], "missing: expected the engine's address", 'add the key url'))
    }
    if (worker.pool !== undefined) found.push(...mustExist(worker.pool, pools, 'pool', ['workers', i, 'pool']))
    if (worker.key_env !== undefined && worker.key_file !== undefined) {
      found.push(complaint(['workers', i, 'key_file'], 'key_env and key_file are both given', 'keep one of the two'))
    }
    worker.realms.forEach((realm, j) => {
      const known = [...Object.keys(file.realms), ...STANDING_REALM_NAMES]
      found.push(...mustExist(realm, known, 'realm', ['workers', i, 'realms', j]))
    })
  })
  return found
}

function checkHosts(file: ConfigFile): readonly Complaint[] {
  const hosts = file.federation_hosts
  const taken = file.workers.map((worker) => worker.name)
  const names = hosts.map(hostName)
  const found = [...onlyOnce(names, 'federation host', (i) => ['federation_hosts', i, 'name'])]
  hosts.forEach((host, i) => {
    const at: ConfigPath = ['federation_hosts', i]
    if (taken.includes(hostName(host))) {
      found.push(complaint([...at, 'name'], `a worker is named ${hostName(host)} too`, 'names are unique'))
    }
    if (directionOf(host) !== 'out' && host.token_file === undefined) {
      const hint = 'add a token_file, or write direction: out'
      found.push(complaint([...at, 'direction'], 'a host that may ask needs a token', hint))
    }
    host.realms.forEach((realm, j) => {
      found.push(...mustExist(realm, Object.keys(file.realms), 'realm', [...at, 'realms', j]))
    })
  })
  return found
}

function checkFriends({ node }: ConfigFile): readonly Complaint[] {
  return node.friends.flatMap((friend, i) => {
    if ((friend.peer === undefined) !== (friend.federation === undefined)) return []
    return [
      complaint(['node', 'friends', i], 'a friend is a peer or a federation', 'write either peer: or federation:'),
    ]
  })
}

function checkTls({ node }: ConfigFile): readonly Complaint[] {
  if ((node.tls_cert === undefined) === (node.tls_key === undefined)) return []
  const [there, missing] = node.tls_cert === undefined ? ['tls_key', 'tls_cert'] : ['tls_cert', 'tls_key']
  const fix = `add ${missing} (--${missing.replace('_', '-')} FILE)`
  return [complaint(['node', there], `a certificate and its key belong together: ${missing} is missing`, fix)]
}

function checkPage({ node: { rentahal } }: ConfigFile): readonly Complaint[] {
  if (!rentahal.root || rentahal.page !== undefined) return []
  const message = 'there is no page that could be served at /'
  return [complaint(['node', 'rentahal', 'root'], message, 'name its folder: rentahal.page')]
}

function mustExist(name: string, known: readonly string[], what: string, path: ConfigPath): readonly Complaint[] {
  if (known.includes(name)) return []
  const listed = known.length === 0 ? `this file names no ${what}` : `known: ${known.slice(0, 10).join(', ')}`
  return [complaint(path, `there is no ${what} ${name}`, didYouMean(name, known) ?? listed)]
}

function onlyOnce(names: readonly string[], what: string, path: (i: number) => ConfigPath): readonly Complaint[] {
  return names.flatMap((name, i) => {
    return names.indexOf(name) === i ? [] : [complaint(path(i), `a second ${what} named ${name}`, 'names are unique')]
  })
}

function complaint(path: ConfigPath, message: string, hint: string): Complaint {
  return { path, atKey: false, message, hint, code: 'CONFIG_INVALID' }
}
