/** What the doctor looks at on this machine while no node runs: what would keep one from starting, or from serving. */
import type { RealmeshConfig } from '../../config/config.ts'
import type { LoadedConfig } from '../../config/file/load-config.ts'
import type { Finding } from '../../core/model/finding.ts'
import { type RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { HomeFolder } from '../../home/home-folder.ts'
import type { Check } from './codes/diagnose.ts'
import { found } from './codes/found.ts'
import { foundOfError } from './codes/of-error.ts'
import { judgeDisk, readDisk } from './machine/disk.ts'
import { judgeEngines, type SeenPlace } from './machine/engines.ts'
import { judgeHome, readHome } from './machine/home.ts'
import { judgeInterfaces, readInterfaces } from './machine/interfaces.ts'
import { openFileLimit } from './machine/open-file-limit.ts'
import { judgePorts, type Port, placeOfListen, tryPort } from './machine/ports.ts'
import { judgeRuntime } from './machine/runtime.ts'
import { judgeFiles, judgeGpus, judgeWebRtc } from './machine/small-checks.ts'
import type { SwarmReadings } from './swarm/swarm-readings.ts'

export interface LocalCheckComponents {
  readonly home: HomeFolder
  /** What a start would read. Rejects with what is wrong with it. */
  readonly load: () => Promise<LoadedConfig>
  /** What else keeps a node from starting with a configuration. */
  readonly startProblems: (config: RealmeshConfig) => Promise<readonly RealmeshError[]>
  readonly findEngines: (
    config: RealmeshConfig,
    signal: CancelSignal,
  ) => Promise<{
    readonly found: readonly { readonly kind: string; readonly url: string }[]
    readonly refused: readonly SeenPlace[]
  }>
  /** Whether direct ways can be opened by WebRTC, and why not. */
  readonly webRtc: (config: RealmeshConfig) => ReturnType<SwarmReadings['webRtc']>
  readonly findGpus: () => Promise<readonly { readonly name: string }[]>
}

/** `running`: whether a node has the home and the ports already, though it does not answer. */
export function localChecks(
  components: LocalCheckComponents,
  { running }: { readonly running: boolean },
): readonly Check[] {
  const loaded = components.load()
  loaded.catch(() => {}) // told by the check of the configuration
  const withConfig = (
    look: (loaded: LoadedConfig, signal: CancelSignal) => Promise<readonly Finding[]>,
  ): Check['run'] => {
    return async (signal) => {
      const read = await loaded.catch(() => undefined)
      return read === undefined ? [] : await look(read, signal)
    }
  }
  return [
    ...machineChecks(components, { running }),
    { name: 'config', run: async () => await judgedConfig(loaded) },
    {
      name: 'start',
      run: withConfig(async ({ config }) => (await components.startProblems(config)).map(foundOfError)),
    },
    ...(running ? [] : [{ name: 'ports', run: withConfig(async (read) => judgePorts(await triedPorts(read))) }]),
    {
      name: 'engines',
      run: withConfig(async ({ config }, signal) => judgeEngines(await components.findEngines(config, signal))),
    },
    { name: 'gpu', run: async () => [judgeGpus(await components.findGpus(), undefined)] },
    {
      name: 'webrtc',
      run: withConfig(async ({ config }) => {
        const { state, why } = components.webRtc(config)
        return [judgeWebRtc(state, why)]
      }),
    },
  ]
}

/** What is looked at in the same way whether or not a node runs. */
export function machineChecks(
  { home }: Pick<LocalCheckComponents, 'home'>,
  { running }: { readonly running: boolean },
): readonly Check[] {
  return [
    { name: 'runtime', run: async () => [judgeRuntime(process.versions.node)] },
    { name: 'home', run: async () => judgeHome(await readHome(home), running) },
    { name: 'disk', run: async () => [judgeDisk(await readDisk(home.dataFolder))] },
    { name: 'files', run: async () => [judgeFiles(openFileLimit())] },
    { name: 'interfaces', run: async () => [judgeInterfaces(readInterfaces())] },
  ]
}

async function judgedConfig(loaded: Promise<LoadedConfig>): Promise<readonly Finding[]> {
  try {
    const { path, warnings } = await loaded
    const facts = { path: path ?? null }
    if (warnings.length > 0) return warnings.map((warning) => found('config.warns', warning, { facts }))
    return [found('config.ok', path === undefined ? 'no file: the defaults' : `${path} is valid`, { facts })]
  } catch (thrown) {
    const { code } = toRealmeshError(thrown)
    // The federation's key is read with it: the check of the home tells that.
    return code === 'KEY_FILE_LAX' || code === 'KEY_FILE_BAD' ? [] : [foundOfError(toRealmeshError(thrown))]
  }
}

async function triedPorts({ config, origins }: LoadedConfig): Promise<Awaited<ReturnType<typeof tryPort>>[]> {
  const { http, listen } = config.node
  const named = (origins.get('node.listen')?.source ?? 'default') !== 'default'
  const ports: readonly Port[] = [
    { flag: 'http', host: http.host, port: http.port, named: true },
    ...listen.flatMap((address) => {
      const place = placeOfListen(address)
      return place === undefined ? [] : [{ flag: 'listen' as const, ...place, named }]
    }),
  ]
  return await Promise.all(ports.map(tryPort))
}
