/**
 * The keys of realms.yml that are also flags and environment variables: one row each, used by the loader, the commands
 * and the docs.
 */
import { resolve } from 'node:path'
import type { ConfigPath } from '../config-path.ts'
import type { NodeFile } from '../schema/node-schema.ts'

/** `off` is a flag such as `--no-mdns`: to give it means `false`. `path` is taken relative to the current folder. */
export type SettingKind = 'text' | 'path' | 'list' | 'off'

export interface Setting {
  /** Attribute in the parsed flags: `noMdns` for `--no-mdns`. */
  readonly name: string
  readonly path: ConfigPath
  readonly kind: SettingKind
  /** As commander takes it. */
  readonly flag: string
  readonly env: string
  /** What `realmesh up --help` says of it. */
  readonly text: string
}

export const SETTINGS: readonly Setting[] = [
  row(
    'http',
    'text',
    '--http <HOST:PORT>',
    'where programs reach this node; port 0: any free one (default 127.0.0.1:5000)',
  ),
  row('name', 'text', '--name <TEXT>', 'what people call this node (default: the name of the host)'),
  row('listen', 'list', '--listen <MULTIADDR...>', 'where other nodes reach it (default /ip4/0.0.0.0/tcp/4501)'),
  row('bootstrap', 'list', '--bootstrap <MULTIADDR...>', 'a node to join the swarm through, with /p2p/PEERID'),
  row('network', 'text', '--network <NAME>', "the swarm's name (default main)"),
  row('mdns', 'off', '--no-mdns', 'do not look for nodes in the local network'),
  row('swarm_key', 'path', '--swarm-key <FILE>', 'the key of a private swarm, instead of swarm.key in the home'),
  row('federation_key', 'path', '--federation-key <FILE>', "the federation's key, instead of the one in the home"),
  row('federation_label', 'text', '--federation-label <TEXT>', 'what people call the federation'),
  row('scope', 'text', '--scope <local|home|friends|public>', 'where own queries go (default home)'),
  row('share', 'text', '--share <local|home|friends|public>', 'whose queries the workers here serve (default home)'),
  row('engines', 'list', '--engine <KIND=URL...>', 'an engine to use, such as ollama=http://127.0.0.1:11434'),
  row('detect', 'off', '--no-detect', 'do not look for engines on this machine'),
  row('builtin', 'off', '--no-builtin', 'do not answer with the built-in guide'),
  row('log_level', 'text', '--log-level <LEVEL>', 'silent, error, warn, info or debug (default info)'),
  row('api_key_file', 'path', '--api-key-file <FILE>', 'hashed API keys, instead of those in the home'),
  row('allowed_hosts', 'list', '--allowed-host <NAME...>', 'a name by which programs call this node, such as rig.lan'),
  row('tls_cert', 'path', '--tls-cert <FILE>', 'a certificate with its chain: programs reach this node by https'),
  row('tls_key', 'path', '--tls-key <FILE>', 'the key of the certificate'),
  row(
    'trusted_proxies',
    'list',
    '--trusted-proxy <ADDRESS...>',
    'a proxy in front of the gateway, or a network of them',
  ),
  row('allowed_origins', 'list', '--allowed-origin <ORIGIN...>', 'a web page or app that may call this node'),
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

function row(key: keyof NodeFile, kind: SettingKind, flag: string, text: string): Setting {
  const long = longFlag(flag).slice(2)
  const name = long.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
  const env = `REALMESH_${long.toUpperCase().replaceAll('-', '_')}`
  return { name, path: ['node', key], kind, flag, env, text }
}

/** `--http` of `--http <HOST:PORT>`. */
function longFlag(flag: string): string {
  return flag.split(' ')[0] ?? flag
}

function overlay(setting: Setting, raw: string | boolean | readonly string[], source: 'flag' | 'env'): Overlay[] {
  const where = source === 'env' ? setting.env : longFlag(setting.flag)
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
