/** Speaks to the daemon of a home as its operator: with the admin token of that home, and only to the process that holds its lock. */
import { RealmeshError } from '../../core/realmesh-error.ts'
import { readAdminToken } from '../../home/admin-token.ts'
import type { HomeFolder } from '../../home/home-folder.ts'
import { livingDaemon } from '../../home/home-lock.ts'
import { daemonNotRunning, readRuntimeFile } from '../../home/runtime-file.ts'
import type { Invocation } from '../cli/command.ts'
import { GatewayClient } from './gateway-client.ts'

/**
 * A client whose calls carry the admin token. A daemon that was killed leaves its address behind, and another user's program may listen
 * there since: the token is sent only while the process that wrote the address lives. Throws `DAEMON_NOT_RUNNING`, `KEY_FILE_LAX`.
 */
export async function operatorClient(home: HomeFolder): Promise<GatewayClient> {
  const { http, pid } = await readRuntimeFile(home)
  if ((await livingDaemon(home)) !== pid) throw daemonNotRunning(home)
  const token = await readAdminToken(home)
  if (token !== undefined) return new GatewayClient(home, http, token)
  throw new RealmeshError('KEY_FILE_BAD', `there is no admin token ${home.adminToken}`, {
    fix: 'restart the node: it makes a new one',
  })
}

/** One act of the operator, such as `shards/add`; see gateway/api/admin-actions.ts. Throws what the node says is wrong. */
export async function operatorCall(
  { home }: Pick<Invocation, 'home'>,
  act: string,
  body: object = {},
): Promise<unknown> {
  const client = await operatorClient(home)
  return await client.json(`/api/admin/${act}`, { method: 'POST', body })
}
