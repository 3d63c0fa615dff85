/** One daemon from its home to its end: lock, configuration, node, gateway; and back in reverse. */

import { ConfigKeeper } from '../../config/edit/config-keeper.ts'
import type { ConfigEdit } from '../../config/edit/edits.ts'
import { type LoadConfigInput, type LoadedConfig, loadConfig } from '../../config/file/load-config.ts'
import type { SettingValues } from '../../config/file/settings.ts'
import type { LogLevel } from '../../config/schema/node-schema.ts'
import { defined } from '../../core/defined.ts'
import type { Logger } from '../../core/logger.ts'
import { startAll, stopAll, undoThen } from '../../core/run/startable.ts'
import type { Gateway, GatewayInit } from '../../gateway/gateway.ts'
import { type HomeFolder, prepareHome } from '../../home/home-folder.ts'
import { lockHome } from '../../home/home-lock.ts'
import { type RuntimeRecord, writeRuntimeFile } from '../../home/runtime-file.ts'
import type { ReloadReport } from '../../node/api/config-control.ts'
import { createNode } from '../../node/create-node.ts'
import type { RealmeshNode } from '../../node/realmesh-node.ts'
import { fewFilesWarning } from '../cli/open-files.ts'
import { packageVersion } from '../cli/version.ts'
import { DRAIN_MS, frontOf } from './front/front.ts'
import { assertStarts } from './front/start-checks.ts'
import type { AdjustableLog } from './log.ts'
import { choosePeerPort } from './peer-port.ts'
import { programUrls } from './program-urls.ts'
import { noteRunningHome, withPortHolder } from './running-homes.ts'

export interface DaemonInit {
  readonly home: HomeFolder
  readonly flags: SettingValues
  readonly env: Readonly<Record<string, string | undefined>>
  readonly configFile: string | undefined
  readonly createLog: (level: LogLevel) => Promise<AdjustableLog>
  /** What a node of this kind has instead of what its configuration leaves open. @default nothing */
  readonly adapt?: (loaded: LoadedConfig) => LoadedConfig
  /** `state`: no queries, only what the node tells of itself and its operator's acts. @default 'queries' */
  readonly serves?: GatewayInit['serves']
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
  /** Whether engines of this machine are looked for. */
  readonly detects: boolean
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
    const { keeper, log, tell } = await configure(init)
    const { loaded } = keeper
    const { config } = loaded
    const source = {
      ...loaded,
      read: () => keeper.reread(),
      prepare: (edit: ConfigEdit) => keeper.prepare(edit),
      file: keeper,
    }
    const node = await createNode({ config, source, home, log, tell, version: packageVersion() })
    undo.push(() => node.stop())
    let record: RuntimeRecord | undefined
    const knowCertificates = async (fingerprints: readonly string[]): Promise<void> => {
      if (record === undefined) return
      record = { ...record, fingerprints }
      await writeRuntimeFile(home, record)
    }
    const { gateway, control, fingerprints, parts } = await frontOf(
      { node, log, knowCertificates },
      loaded,
      home,
      init.serves,
    )
    undo.push(
      () => stopAll(parts),
      () => gateway.stop(),
    )
    await gateway.start().catch(async (cause: unknown) => {
      throw await withPortHolder(cause, config.node.http.port, init.env)
    })
    await startAll(parts)
    await node.start()
    void gateway.takeUp()
    const ready = readyInfo(node, gateway, loaded)
    record = { ...ready, ...defined({ fingerprints }), pid: process.pid, startedAt: Date.now() }
    undo.push(await writeRuntimeFile(home, record))
    undo.push(await noteRunningHome(home, init.env))
    const drainAndStop = async (): Promise<void> => {
      await Promise.allSettled([node.drain(DRAIN_MS), gateway.stop()])
      await unwind(undo)
    }
    const programs = programUrls(gateway.url, config.node.http.host)
    const { detect: detects } = config.node
    return { node, ready, programs, detects, log, reload: control.config.reload, drainAndStop }
  } catch (error) {
    return await undoThen(error, () => unwind(undo))
  }
}

/** The configuration and its file, and the log that it wants. */
interface Configured {
  readonly keeper: ConfigKeeper
  readonly log: Logger
  readonly tell: AdjustableLog['tell']
}

async function configure(init: DaemonInit): Promise<Configured> {
  const first = await loadConfig({ ...inputOf(init), createFederationKey: true })
  const { log, tell, setLevel } = await init.createLog(first.config.node.logLevel)
  const peerPort = await choosePeerPort(first)
  const adapt = (read: LoadedConfig): LoadedConfig => (init.adapt ?? same)(peerPort.of(read))
  const loaded = adapt(first)
  for (const warning of [...loaded.warnings, peerPort.warning, fewFilesWarning()]) {
    if (warning !== undefined) log.warn({}, warning)
  }
  const onTaken = ({ config }: LoadedConfig): void => setLevel(config.node.logLevel)
  const check = (next: LoadedConfig, before: LoadedConfig) => assertStarts(next.config, before.config, init.home)
  return { keeper: new ConfigKeeper({ adapt, check, onTaken }, inputOf(init), loaded), log, tell }
}

function same(loaded: LoadedConfig): LoadedConfig {
  return loaded
}

function inputOf({ home, flags, env, configFile }: DaemonInit): LoadConfigInput {
  return { home, flags, env, file: configFile }
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
