/** The keys of realms.yml that are also flags and environment variables: one row each, used by the loader, the CLI and the docs. */
import { resolve } from 'node:path'
import type { ConfigPath } from '../config-path.ts'

/** `off` is a flag such as `--no-mdns`: to give it means `false`. `path` is taken relative to the current folder. */
export type SettingKind = 'text' | 'path' | 'list' | 'off'

export interface Setting {
  /** Attribute in the parsed flags. */
  readonly name: string
  readonly path: ConfigPath
  readonly kind: SettingKind
  /** As commander takes it. */
  readonly flag: string
  readonly env: string
}

export const SETTINGS: readonly Setting[] = [
  row('http', 'http', 'text', '--http <HOST:PORT>'),
  row('listen', 'listen', 'list', '--listen <MULTIADDR...>'),
  row('bootstrap', 'bootstrap', 'list', '--bootstrap <MULTIADDR...>'),
  row('network', 'network', 'text', '--network <NAME>'),
  row('noMdns', 'mdns', 'off', '--no-mdns'),
  row('federationKey', 'federation_key', 'path', '--federation-key <FILE>'),
  row('federationLabel', 'federation_label', 'text', '--federation-label <TEXT>'),
  row('scope', 'scope', 'text', '--scope <local|home|friends|public>'),
  row('share', 'share', 'text', '--share <local|home|friends|public>'),
  row('engine', 'engines', 'list', '--engine <KIND=URL...>'),
  row('noDetect', 'detect', 'off', '--no-detect'),
  row('noBuiltin', 'builtin', 'off', '--no-builtin'),
  row('logLevel', 'log_level', 'text', '--log-level <LEVEL>'),
  row('apiKeyFile', 'api_key_file', 'path', '--api-key-file <FILE>'),
  row('allowedOrigin', 'allowed_origins', 'list', '--allowed-origin <ORIGIN...>'),
]

/** Environment variables that are read elsewhere: they choose the home, the file and the output. */
const OTHER_VARIABLES = ['REALMESH_HOME', 'REALMESH_CONFIG', 'REALMESH_API_KEY', 'REALMESH_JSON', 'REALMESH_DEBUG']

/** Values of one layer, by the name of their setting. */
export type SettingValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>

type Environment = Readonly<Record<string, string | undefined>>

/** One value that a layer puts over the file, and where it came from. */
export interface Overlay {
  readonly path: ConfigPath
  readonly value: unknown
  readonly source: 'flag' | 'env'
  /** The flag or the variable. */
  readonly where: string
}

/** The environment's values, then the flags': later ones win. An empty variable counts as absent. */
export function overlays(flags: SettingValues, env: Environment): readonly Overlay[] {
  const fromEnv = SETTINGS.flatMap((setting) => {
    const value = env[setting.env]
    return value === undefined || value === '' ? [] : overlay(setting, value, 'env')
  })
  const fromFlags = SETTINGS.flatMap((setting) => {
    const value = flags[setting.name]
    return value === undefined ? [] : overlay(setting, value, 'flag')
  })
  return [...fromEnv, ...fromFlags]
}

/** Variables that look like ours but are read by nothing: most likely mistyped. */
export function unknownVariables(env: Environment): readonly string[] {
  const known = knownVariables()
  return Object.keys(env).filter((name) => name.startsWith('REALMESH_') && !known.includes(name))
}

/** Every variable that is read. */
export function knownVariables(): readonly string[] {
  return [...SETTINGS.map((setting) => setting.env), ...OTHER_VARIABLES]
}

function row(name: string, key: string, kind: SettingKind, flag: string): Setting {
  const long = flag.split(' ')[0] ?? flag
  return { name, path: ['node', key], kind, flag, env: `REALMESH_${long.slice(2).toUpperCase().replaceAll('-', '_')}` }
}

function overlay(setting: Setting, raw: string | boolean | readonly string[], source: 'flag' | 'env'): Overlay[] {
  const where = source === 'env' ? setting.env : (setting.flag.split(' ')[0] ?? setting.flag)
  const value = READ[setting.kind](raw)
  return value === undefined ? [] : [{ path: setting.path, value, source, where }]
}

type Read = (raw: string | boolean | readonly string[]) => unknown

const TRUE_WORDS = ['1', 'true', 'yes', 'on']
const FALSE_WORDS = ['0', 'false', 'no', 'off']

const READ: Readonly<Record<SettingKind, Read>> = {
  text: (raw) => raw,
  path: (raw) => (typeof raw === 'string' ? resolve(raw) : raw),
  // In a variable, items are parted by commas or blanks.
  list: (raw) => (typeof raw === 'string' ? raw.split(/[\s,]+/).filter((item) => item !== '') : raw),
  off: (raw) => {
    const word = String(raw).toLowerCase()
    if (TRUE_WORDS.includes(word)) return false
    return FALSE_WORDS.includes(word) ? undefined : raw
  },
}
