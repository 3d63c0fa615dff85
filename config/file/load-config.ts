/** Flags over REALMESH_… variables over realms.yml over defaults. */
import { type FileHandle, open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { didYouMean } from '../../core/nearest.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { codeOf } from '../../core/thrown.ts'
import { federationIdOf, loadFederationKey, peekFederationKey } from '../../home/federation-key.ts'
import type { HomeFolder } from '../../home/home-folder.ts'
import { isLink, LINK_TO_NOTHING } from '../../home/private-file.ts'
import type { RealmeshConfig } from '../config.ts'
import type { ConfigFile } from '../schema/file-schema.ts'
import { checkConfig, type Origin } from './check-config.ts'
import { problemsError } from './config-problem.ts'
import { warningsOf } from './cross-check.ts'
import { resolveConfig } from './resolve-config.ts'
import { knownVariables, overlays, type SettingValues, unknownVariables } from './settings.ts'

/** Largest file that is read. The sample of RENT-A-HAL has 500 bytes; a thousand workers fit. */
export const MAX_CONFIG_BYTES = 2 ** 20

export interface LoadConfigInput {
  readonly home: Pick<HomeFolder, 'configFile' | 'federationKey'>
  /** By the names of settings.ts. */
  readonly flags?: SettingValues
  /** Default: none, so that tests do not depend on the shell they run in. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** A file that must exist. Default: `REALMESH_CONFIG`, else realms.yml in the home, which may be absent. */
  readonly file?: string | undefined
  /**
   * Makes the federation's key in the home when there is none: only a daemon does. Default false: nothing is written.
   */
  readonly createFederationKey?: boolean
}

export interface LoadedConfig {
  readonly config: RealmeshConfig
  /** The same in the file's own form, defaults filled in. */
  readonly values: ConfigFile
  /** By path in the file's form, such as `node.http`. */
  readonly origins: ReadonlyMap<string, Origin>
  /** The file that was read; undefined when there was none. */
  readonly path: string | undefined
  /** What stood in it; empty when there was none. */
  readonly text: string
  /** One line each; the configuration is valid nevertheless. */
  readonly warnings: readonly string[]
}

/**
 * Reads and checks everything. Throws `CONFIG_UNREADABLE`, `CONFIG_INVALID` or `BAD_MULTIADDR`, with file, line, column
 * and a hint. The federation's id comes from its key; where there is none yet and none may be made, the id is `''`.
 */
export async function loadConfig(input: LoadConfigInput): Promise<LoadedConfig> {
  const { path, named } = configPlace(input)
  return await loadText(input, path, await readConfigText(path, !named))
}

/** Where the file lies that `input` means, and whether anybody named it: then it must be there. */
export function configPlace({ file, env = {}, home }: LoadConfigInput): {
  readonly path: string
  readonly named: boolean
} {
  const named = file ?? (env['REALMESH_CONFIG'] || undefined)
  return { path: resolve(named ?? home.configFile), named: named !== undefined }
}

/** What `loadConfig` gives if `text` stands at `path`, undefined for no file; throws as it does. */
export async function loadText(input: LoadConfigInput, path: string, text: string | undefined): Promise<LoadedConfig> {
  const { flags = {}, env = {}, home } = input
  const checked = checkConfig(text ?? '', path, overlays(flags, env))
  if (!checked.ok) throw problemsError(checked.problems, input.file ?? (env['REALMESH_CONFIG'] || undefined))
  const keyFile = checked.file.node.federation_key
  const key = await (input.createFederationKey === true ? loadFederationKey : peekFederationKey)(
    home,
    keyFile === undefined ? undefined : resolve(dirname(path), keyFile),
  )
  return {
    config: resolveConfig(checked.file, {
      federationId: key === undefined ? '' : federationIdOf(key.publicKey),
      baseFolder: dirname(path),
    }),
    values: checked.file,
    origins: checked.origins,
    path: text === undefined ? undefined : path,
    text: text ?? '',
    warnings: [...unknownVariables(env).map(describeUnknownVariable), ...warningsOf(checked.file, Date.now())],
  }
}

/** The file's text; undefined when it is absent and may be. Throws `CONFIG_UNREADABLE`. */
export async function readConfigText(path: string, mayBeAbsent: boolean): Promise<string | undefined> {
  try {
    const file = await open(path, 'r')
    try {
      return decode(await readBounded(file, path), path)
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (cause instanceof RealmeshError) throw cause
    const code = codeOf(cause) ?? String(cause)
    if (code === 'ENOENT' && (await isLink(path))) throw unreadable(path, LINK_TO_NOTHING, cause)
    if (code === 'ENOENT' && mayBeAbsent) return undefined
    throw unreadable(path, REASONS[code] ?? code, cause)
  }
}

/** The size is not asked beforehand: a pipe has none. */
async function readBounded(file: FileHandle, path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of file.createReadStream({ end: MAX_CONFIG_BYTES, autoClose: false })) {
    const bytes: Uint8Array = chunk
    chunks.push(bytes)
    length += bytes.byteLength
  }
  if (length > MAX_CONFIG_BYTES) throw unreadable(path, `it has more than ${MAX_CONFIG_BYTES} bytes`)
  return Buffer.concat(chunks)
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
}

function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw unreadable(path, 'it is not UTF-8 text', cause)
  }
}

function unreadable(path: string, why: string, cause?: unknown): RealmeshError {
  return new RealmeshError('CONFIG_UNREADABLE', `cannot read ${path}: ${why}`, {
    fix: 'name a readable YAML file with --config FILE, or leave it out to use the defaults',
    cause,
  })
}

function describeUnknownVariable(name: string): string {
  const hint = didYouMean(name, knownVariables())
  return [`the variable ${name} is not known`, hint].filter((part) => part !== undefined).join('; ')
}
