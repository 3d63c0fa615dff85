/** One daemon from its home to its end: lock, configuration, node, gateway; and back in reverse. */

import { type LoadConfigInput, type LoadedConfig, loadConfig } from '../../config/file/load-config.ts'
import { rereadConfig } from '../../config/file/reread-config.ts'
import type { SettingValues } from '../../config/file/settings.ts'
import type { LogLevel } from '../../config/schema/node-schema.ts'
import type { Logger } from '../../core/logger.ts'
import { systemClock } from '../../core/run/clock.ts'
import { undoThen } from '../../core/run/startable.ts'
import { messageOf } from '../../core/thrown.ts'
import type { OperatorActs } from '../../gateway/api/admin-actions.ts'
import { createGateway, type Gateway } from '../../gateway/gateway.ts'
import { adminTokenHash, loadOrCreateAdminToken } from '../../home/admin-token.ts'
import { type HomeFolder, prepareHome } from '../../home/home-folder.ts'
import { lockHome } from '../../home/home-lock.ts'
import { writeRuntimeFile } from '../../home/runtime-file.ts'
import type { ReloadReport } from '../../node/api/node-control.ts'
import { createNode } from '../../node/create-node.ts'
import type { RealmeshNode } from '../../node/realmesh-node.ts'
import { fewFilesWarning } from '../cli/open-files.ts'
import { packageVersion } from '../cli/version.ts'
import { GatewayKeys, readGatewayKeys } from './gateway-keys.ts'
import { KeyUsageKeeper, readKeyUsage } from './key-usage-keeper.ts'
import type { AdjustableLog } from './log.ts'
import { choosePeerPort } from './peer-port.ts'
import { programUrls } from './program-urls.ts'
import { noteRunningHome, withPortHolder } from './running-homes.ts'

/**
 * How long running answers may take to end after the first signal: most do, and service managers wait a little longer
 * by themselves.
 */
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
  /** On this machine. */
  readonly http: string
  /** Multiaddrs, those that help others most first. */
  readonly p2p: readonly string[]
  readonly network: string
}

export interface Daemon {
  readonly node: RealmeshNode
  readonly ready: ReadyInfo
  /** Every address of the gateway that programs can use, those for other machines first. */
  readonly programs: readonly string[]
  readonly log: Logger
  /**
   * Reads the configuration again and applies what can change while the node runs; the log tells what came of it.
   * Throws what is wrong with it; then the daemon goes on as it was.
   */
  reload(): Promise<ReloadReport>
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
    const { loaded, log, read } = await configure(init)
    const { config } = loaded
    const node = await createNode({ config, source: { ...loaded, read }, home, log, version: packageVersion() })
    undo.push(() => node.stop())
    const { gateway, control, usage } = await frontOf({ node, log }, loaded, home)
    undo.push(
      () => usage.stop(),
      () => gateway.stop(),
    )
    await gateway.start().catch(async (cause: unknown) => {
      throw await withPortHolder(cause, config.node.http.port, init.env)
    })
    await usage.start()
    await node.start()
    void gateway.takeUp()
    const ready = readyInfo(node, gateway, loaded)
    undo.push(await writeRuntimeFile(home, { ...ready, pid: process.pid, startedAt: Date.now() }))
    undo.push(await noteRunningHome(home, init.env))
    const drainAndStop = async (): Promise<void> => {
      await Promise.allSettled([node.drain(DRAIN_MS), gateway.stop()])
      await unwind(undo)
    }
    const programs = programUrls(gateway.url, config.node.http.host)
    return { node, ready, programs, log, reload: control.reload, drainAndStop }
  } catch (error) {
    return await undoThen(error, () => unwind(undo))
  }
}

/** The configuration at the start, the log that it wants, and how both are read again. */
interface Configured {
  readonly loaded: LoadedConfig
  readonly log: Logger
  readonly read: () => Promise<LoadedConfig>
}

async function configure(init: DaemonInit): Promise<Configured> {
  const first = await loadConfig({ ...inputOf(init), createFederationKey: true })
  const { log, setLevel } = await init.createLog(first.config.node.logLevel)
  const peerPort = await choosePeerPort(first)
  const loaded = peerPort.of(first)
  for (const warning of [...loaded.warnings, peerPort.warning, fewFilesWarning()]) {
    if (warning !== undefined) log.warn({}, warning)
  }
  let last = loaded
  const read = async (): Promise<LoadedConfig> => {
    last = peerPort.of(await rereadConfig(inputOf(init), last))
    setLevel(last.config.node.logLevel)
    return last
  }
  return { loaded, log, read }
}

/** In the log as to who asked for it: the terminal of the node is where its owner looks. */
function tellReload(report: ReloadReport, log: Logger): ReloadReport {
  const { applied, restart, problems } = report
  for (const problem of problems) log.warn({}, problem)
  if (restart.length > 0) log.warn({ restart }, 'these changes wait for a restart')
  log.info(
    { applied },
    applied.length === 0 ? 'configuration read again: nothing changed' : 'these changes are in force',
  )
  return report
}

function inputOf({ home, flags, env, configFile }: DaemonInit): LoadConfigInput {
  return { home, flags, env, file: configFile }
}

interface Front {
  readonly gateway: Gateway
  readonly control: OperatorActs
  readonly usage: KeyUsageKeeper
}

/** The gateway, and what the operator may do through it and by signals. */
async function frontOf(
  { node, log }: { readonly node: RealmeshNode; readonly log: Logger },
  loaded: LoadedConfig,
  home: HomeFolder,
): Promise<Front> {
  const { http, apiKeyFile, allowedHosts, allowedOrigins } = loaded.config.node
  const file = apiKeyFile ?? home.apiKeys
  const apiKeys = await readGatewayKeys(file)
  const tokensBefore = await readKeyUsage(home.keyUsageFile, log)
  const adminToken = await loadOrCreateAdminToken(home)
  const gatewayKeys = new GatewayKeys(
    { gateway: { takeKeys: (keys) => gateway.takeKeys(keys), keyUsage: () => gateway.keyUsage() }, log },
    { file, host: http.host },
    apiKeys,
  )
  const reload = async (): Promise<ReloadReport> => {
    const report = await node.control.reload()
    const problems = await gatewayKeys.reload().then(
      () => [],
      (error: unknown) => [messageOf(error)],
    )
    return tellReload({ ...report, problems: [...report.problems, ...problems] }, log)
  }
  const control: OperatorActs = { ...node.control, reload, keys: gatewayKeys }
  const gateway = createGateway(
    { node, control, log },
    {
      ...http,
      apiKeys,
      tokensBefore,
      adminTokenHash: adminTokenHash(adminToken),
      allowedHosts,
      allowedOrigins,
      version: packageVersion(),
      drainMs: DRAIN_MS,
    },
  )
  const usage = new KeyUsageKeeper({ gateway, clock: systemClock, log }, home.keyUsageFile, tokensBefore)
  return { gateway, control, usage }
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
