/**
 * The file's form (snake_case, seconds, texts) to the form that the daemon is composed from, section by section. Pure.
 */
import type { RealmeshConfig } from '../config.ts'
import type { ConfigFile } from '../schema/file-schema.ts'
import { resolveHosts } from '../schema/host-schema.ts'
import { resolveNode } from '../schema/node-schema.ts'
import { resolveRealm } from '../schema/realm-schema.ts'
import { resolveSharding } from '../schema/sharding-schema.ts'
import { resolveUserData } from '../schema/user-data-schema.ts'
import { resolveWorker } from '../schema/worker-schema.ts'

export interface ResolveInit {
  /** Used where the file names none; from the federation's key. */
  readonly federationId: string
  /** What relative paths in the file are relative to: its folder. Default: the current folder. */
  readonly baseFolder?: string
}

/** `file` has passed the schema and the cross-check. */
export function resolveConfig(file: ConfigFile, init: ResolveInit): RealmeshConfig {
  const federationId = file.federation_id ?? init.federationId
  const base = init.baseFolder ?? '.'
  return {
    federationId,
    realms: Object.entries(file.realms).map(([name, realm]) => resolveRealm(name, realm, file.workers)),
    workers: file.workers.map((worker) => resolveWorker(worker, base)),
    hosts: resolveHosts(file.federation_hosts, file.discovery.bootstrap_nodes, base),
    federationCallbackUrl: file.federation_callback_url,
    discovery: {
      advertiseIntervalMs: file.discovery.advertise_interval * 1000,
      federationHops: file.discovery.federation_hops,
      mockFederation: file.discovery.mock_federation,
    },
    databaseSharding: resolveSharding(file.database_sharding),
    userData: resolveUserData(file.user_data, base),
    node: resolveNode(file.node, federationId, base),
  }
}
