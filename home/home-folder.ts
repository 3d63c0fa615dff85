/** Where a node keeps its files. XDG folders by default; `--home DIR` puts everything into one folder. */
import { existsSync } from 'node:fs'
import { chmod, mkdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { RealmeshError } from '../core/realmesh-error.ts'
import { codeOf } from '../core/thrown.ts'

/** Owner only: keys, user data and receipts lie below. */
const FOLDER_MODE = 0o700

/** Absolute paths. Folders exist after `prepareHome`; files appear when their owner writes them. */
export interface HomeFolder {
  /** What the operator edits. */
  readonly configFolder: string
  /** What must not be lost: keys and shards. */
  readonly dataFolder: string
  /** What may be lost: lock, runtime file, remembered peers, a pause. */
  readonly stateFolder: string
  readonly configFile: string
  readonly identityKey: string
  readonly federationKey: string
  readonly adminToken: string
  readonly apiKeys: string
  /** There in a private swarm. */
  readonly swarmKey: string
  /** Invitations that may still be redeemed, with the keys that prove them. */
  readonly invitationsFile: string
  /** An invitation that waits for the next start. */
  readonly keptInvitationFile: string
  readonly shardsFolder: string
  readonly peersFile: string
  /** How large the swarm was, where this node tells of it. */
  readonly registryFile: string
  /** Tokens that API keys with limits have used today. */
  readonly keyUsageFile: string
  /** There while the owner serves no others. */
  readonly pauseFile: string
  /** Its presence says that the owner agreed to public queries. */
  readonly publicConsent: string
  readonly lockFolder: string
  readonly runtimeFile: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** The paths of a home. Pure: nothing is touched. `home` wins over `REALMESH_HOME`, which wins over the XDG folders. */
export function homeFolder(home: string | undefined, env: Environment = process.env): HomeFolder {
  if (home === '') {
    throw new RealmeshError('USAGE', '--home is empty', {
      fix: 'name a folder; a variable in its place may not be set',
    })
  }
  const single = home ?? env['REALMESH_HOME']
  if (single !== undefined && single !== '') {
    const root = resolve(single)
    return withFiles(root, join(root, 'data'), join(root, 'state'))
  }
  const base = process.platform === 'win32' ? windowsFolders(env) : xdgFolders(env)
  return withFiles(join(base.config, 'realmesh'), join(base.data, 'realmesh'), join(base.state, 'realmesh'))
}

/** A folder that no shell takes apart. */
const PLAIN_PATH = /^[A-Za-z0-9_@%+=:,./-]+$/

/**
 * What names this home on a command line, with a blank before it; empty for the home that is meant without a flag.
 * Pure.
 */
export function homeFlag(home: Pick<HomeFolder, 'configFolder' | 'dataFolder'>, workingFolder = process.cwd()): string {
  const { configFolder } = home
  if (home.dataFolder !== join(configFolder, 'data')) return ''
  const below = relative(workingFolder, configFolder)
  const path = below === '' || below.startsWith('..') ? configFolder : below
  return ` --home ${PLAIN_PATH.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`}`
}

/** Makes the folders with mode 0700. Throws `HOME_UNUSABLE` with the folder's name when one cannot be made. */
export async function prepareHome(home: HomeFolder): Promise<void> {
  for (const folder of [home.configFolder, home.dataFolder, home.stateFolder, home.shardsFolder, home.lockFolder]) {
    try {
      await makeFolder(folder)
      await chmod(folder, FOLDER_MODE)
    } catch (cause) {
      throw new RealmeshError('HOME_UNUSABLE', `cannot use the folder ${folder}: ${reasonOf(cause)}`, {
        fix: 'give --home a folder that you own and may write to',
        cause,
      })
    }
  }
}

/** Like `mkdir -p`. Node's own tries for ever where a folder that exists refuses with ENOENT, as /proc does. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, FOLDER_MODE)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return
    const parent = dirname(folder)
    if (code !== 'ENOENT' || existsSync(parent)) throw error
    await makeFolder(parent)
    await makeFolder(folder)
  }
}

function reasonOf(thrown: unknown): string {
  const code = codeOf(thrown) ?? String(thrown)
  return REASONS[code] ?? code
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'read-only file system',
  EEXIST: 'a file of that name is in the way',
  ENOTDIR: 'a file is in the way',
  ENOENT: 'its parent folder is missing or cannot be written to',
  ENOSPC: 'no space left',
}

function withFiles(configFolder: string, dataFolder: string, stateFolder: string): HomeFolder {
  return {
    configFolder,
    dataFolder,
    stateFolder,
    configFile: join(configFolder, 'realms.yml'),
    identityKey: join(dataFolder, 'identity.key'),
    federationKey: join(dataFolder, 'federation.key'),
    adminToken: join(dataFolder, 'admin.token'),
    apiKeys: join(dataFolder, 'api-keys.json'),
    swarmKey: join(dataFolder, 'swarm.key'),
    invitationsFile: join(dataFolder, 'invitations.json'),
    keptInvitationFile: join(dataFolder, 'invitation-to-follow.json'),
    shardsFolder: join(dataFolder, 'shards'),
    peersFile: join(stateFolder, 'peers.json'),
    registryFile: join(stateFolder, 'registry.json'),
    keyUsageFile: join(stateFolder, 'key-usage.json'),
    pauseFile: join(stateFolder, 'pause.json'),
    publicConsent: join(dataFolder, 'public-consent'),
    lockFolder: join(stateFolder, 'lock'),
    runtimeFile: join(stateFolder, 'daemon.json'),
  }
}

interface BaseFolders {
  readonly config: string
  readonly data: string
  readonly state: string
}

/**
 * A relative path in an XDG variable is to be ignored, says its specification. An empty HOME would mean the current
 * folder.
 */
function xdgFolders(env: Environment): BaseFolders {
  const user = env['HOME'] ?? homedir()
  const folder = (name: string, fallback: string): string => {
    const value = env[name]
    if (value?.startsWith('/') === true) return value
    if (user.startsWith('/')) return join(user, fallback)
    throw new RealmeshError('HOME_UNUSABLE', `HOME is ${user === '' ? 'empty' : `${user}, which is no whole path`}`, {
      fix: 'set HOME, or say where to keep the files of this node with --home DIR',
    })
  }
  return {
    config: folder('XDG_CONFIG_HOME', '.config'),
    data: folder('XDG_DATA_HOME', join('.local', 'share')),
    state: folder('XDG_STATE_HOME', join('.local', 'state')),
  }
}

function windowsFolders(env: Environment): BaseFolders {
  const roaming = env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming')
  const local = env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local')
  return { config: roaming, data: join(local, 'realmesh-data'), state: join(local, 'realmesh-state') }
}
