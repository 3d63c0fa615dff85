/** One daemon from its home to its end: lock, configuration, node, gateway; and back in reverse. */

import { type LoadedConfig, loadConfig } from '../../config/file/load-config.ts'
import type { SettingValues } from '../../config/file/settings.ts'
import type { LogLevel } from '../../config/schema/node-schema.ts'
import type { Logger } from '../../core/logger.ts'
import { createGateway, type Gateway } from '../../gateway/gateway.ts'
import { adminTokenHash, loadOrCreateAdminToken } from '../../home/admin-token.ts'
import { readApiKeys } from '../../home/api-keys.ts'
import { type HomeFolder, prepareHome } from '../../home/home-folder.ts'
import { lockHome } from '../../home/home-lock.ts'
import { writeRuntimeFile } from '../../home/runtime-file.ts'
import { createNode } from '../../node/create-node.ts'
import type { RealmeshNode } from '../../node/realmesh-node.ts'
import { packageVersion } from '../cli/version.ts'
import type { AdjustableLog } from './log.ts'

/** How long running answers may take to end after the first signal: most do, and service managers wait a little longer by themselves. */
export const DRAIN_MS = 30_000

export interface DaemonInit {
  readonly home: HomeFolder
  readonly flags: SettingValues
  readonly env: Readonly<Record<string, string | undefined>>
  readonly configFile: string | undefined
  readonly createLog: (level: LogLevel) => Promise<AdjustableLog>
}

/** What a program that started the daemon wants to know. */
export interface ReadyInfo {
  readonly peerId: string
  readonly http: string
  readonly p2p: readonly string[]
  readonly network: string
}

export interface Daemon {
  readonly node: RealmeshNode
  readonly ready: ReadyInfo
  readonly log: Logger
  /**
   * Reads the configuration again and applies what can change while the node runs; the paths that wait for a restart come back.
   * Throws what is wrong with it; then the daemon goes on as it was.
   */
  reload(): Promise<readonly string[]>
  /** Takes nothing new, lets what runs end within `DRAIN_MS`, then closes everything. */
  drainAndStop(): Promise<void>
}

/** Resolves when the gateway answers; the swarm is joined behind it. A failed start leaves nothing behind. */
export async function startDaemon(init: DaemonInit): Promise<Daemon> {
  const { home } = init
  await prepareHome(home)
  const undo: (() => Promise<void>)[] = []
  try {
    const lock = await lockHome(home)
    undo.push(() => lock.release())
    const loaded = await load(init)
    const { log, setLevel } = await init.createLog(loaded.config.node.logLevel)
    for (const warning of loaded.warnings) log.warn({}, warning)
    const read = async (): Promise<LoadedConfig> => {
      const fresh = await load(init)
      setLevel(fresh.config.node.logLevel)
      return fresh
    }
    const { config } = loaded
    const node = await createNode({ config, source: { ...loaded, read }, home, log, version: packageVersion() })
    undo.push(() => node.stop())
    const gateway = await frontOf(node, loaded, home, log)
    undo.push(() => gateway.stop())
    await gateway.start()
    await node.start()
    const ready = readyInfo(node, gateway, loaded)
    undo.push(await writeRuntimeFile(home, { ...ready, pid: process.pid, startedAt: Date.now() }))
    const drainAndStop = async (): Promise<void> => {
      await Promise.allSettled([node.drain(DRAIN_MS), gateway.stop()])
      await unwind(undo)
    }
    const reload = async (): Promise<readonly string[]> => {
      const { applied, restart, problems } = await node.control.reload()
      for (const problem of problems) log.warn({}, problem)
      log.info({ applied }, applied.length === 0 ? 'nothing was put into force' : 'these changes are in force')
      return restart
    }
    return { node, ready, log, reload, drainAndStop }
  } catch (error) {
    await unwind(undo)
    throw error
  }
}

async function load({ home, flags, env, configFile }: DaemonInit): Promise<LoadedConfig> {
  return await loadConfig({ home, flags, env, createFederationKey: true, file: configFile })
}

async function frontOf(node: RealmeshNode, loaded: LoadedConfig, home: HomeFolder, log: Logger): Promise<Gateway> {
  const { http, apiKeyFile, allowedOrigins } = loaded.config.node
  const keys = await readApiKeys(apiKeyFile ?? home.apiKeys)
  const adminToken = await loadOrCreateAdminToken(home)
  return createGateway(
    { node, control: node.control, log },
    {
      ...http,
      apiKeyHashes: keys.map((key) => key.sha256),
      apiKeyScopes: new Map(
        keys.flatMap(({ sha256, scope }) => (scope === undefined ? [] : [[sha256, scope] as const])),
      ),
      adminTokenHash: adminTokenHash(adminToken),
      allowedOrigins,
      version: packageVersion(),
      drainMs: DRAIN_MS,
    },
  )
}

function readyInfo(node: RealmeshNode, gateway: Gateway, { config }: LoadedConfig): ReadyInfo {
  return { peerId: node.peerId, http: gateway.url, p2p: node.addresses(), network: config.node.network }
}

/** Every step gets its turn; the first failure is told at the end. */
async function unwind(undo: (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = []
  for (let step = undo.pop(); step !== undefined; step = undo.pop()) {
    await step().catch((error: unknown) => failures.push(error))
  }
  if (failures.length > 0) throw failures[0]
}
