/** Whether the home's folders and key files can be used. */
import { access, constants, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Finding } from '../../../core/model/finding.ts'
import { RealmeshError, toRealmeshError } from '../../../core/realmesh-error.ts'
import { codeOf, messageOf } from '../../../core/thrown.ts'
import { readAdminToken } from '../../../home/admin-token.ts'
import { peekFederationKey } from '../../../home/federation-key.ts'
import type { HomeFolder } from '../../../home/home-folder.ts'
import { readKeyFile } from '../../../home/key-file.ts'
import { found } from '../codes/found.ts'
import { foundOfError } from '../codes/of-error.ts'

/** What is looked at of a home. */
export type ExaminedHome = Pick<
  HomeFolder,
  'configFolder' | 'dataFolder' | 'stateFolder' | 'identityKey' | 'federationKey' | 'adminToken'
>

export interface HomeFacts {
  readonly folder: string
  /** Whether a node ever started in it. */
  readonly started: boolean
  /** What would keep a node from using it. */
  readonly problems: readonly RealmeshError[]
}

/** Nothing is changed. */
export async function readHome(home: ExaminedHome): Promise<HomeFacts> {
  const folders = [home.configFolder, home.dataFolder, home.stateFolder]
  const looks = [
    ...folders.map(assertWritable),
    readKeyFile(home.identityKey, 'identity key'),
    peekFederationKey(home, undefined),
    readAdminToken(home),
  ]
  const ended = await Promise.allSettled(looks)
  const problems = ended.flatMap((end) => (end.status === 'rejected' ? [toRealmeshError(end.reason)] : []))
  return { folder: home.configFolder, started: await exists(home.identityKey), problems }
}

/** `running`: whether a node runs with it now. Pure. */
export function judgeHome({ folder, started, problems }: HomeFacts, running: boolean): readonly Finding[] {
  const facts = { folder }
  const gone =
    running && !started ? [found('home.gone', `the home ${folder} of the running node is gone`, { facts })] : []
  const broken = [...gone, ...problems.map(foundOfError)]
  if (broken.length > 0) return broken
  return started
    ? [found('home.ok', `home ${folder}`, { facts })]
    : [found('home.new', `no node ever ran with the home ${folder}`, { facts })]
}

/** Throws `HOME_UNUSABLE`. A folder that is not there yet is made in the nearest one above it that is. */
async function assertWritable(folder: string): Promise<void> {
  const there = await nearestFolder(folder)
  try {
    await access(there, constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new RealmeshError('HOME_UNUSABLE', `cannot write to ${there}: ${codeOf(cause) ?? messageOf(cause)}`, {
      fix: 'give --home a folder that you own and may write to',
      cause,
    })
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}

/** The folder itself, or the closest above it that is there. */
export async function nearestFolder(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) if ((await exists(at)) || dirname(at) === at) return at
}
