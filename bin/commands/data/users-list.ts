/** `realmesh users list`: who asked through this gateway, and under which key. */
import { LOCAL_USER, userOfHash } from '../../../gateway/door/credentials.ts'
import { readApiKeys } from '../../../home/api-keys.ts'
import type { UserControl } from '../../../node/api/node-control.ts'
import type { RunCommand } from '../../cli/command.ts'
import { clockTime } from '../../cli/duration.ts'
import { printResult } from '../../cli/print.ts'
import { textTable } from '../../cli/text-table.ts'
import { GatewayClient } from '../../client/gateway-client.ts'

type Listed = Awaited<ReturnType<UserControl['list']>>

export const run: RunCommand = async (invocation) => {
  const client = await GatewayClient.connectAsOperator(invocation.home)
  const list = (await client.act('users/list')) as Listed
  const keys = await readApiKeys(invocation.home.apiKeys)
  const bearers = new Map([
    [LOCAL_USER, 'this machine, without a key'],
    ...keys.map(({ sha256, prefix, label }) => [userOfHash(sha256), label ?? `key ${prefix}…`] as const),
  ])
  return printResult(invocation, { json: list, text: describe(list, bearers, invocation.context.columns) })
}

function describe({ users, total }: Listed, bearers: ReadonlyMap<string, string>, width: number): string {
  if (total === 0) return 'nobody has asked yet\n'
  const table = textTable(
    ['GUID', 'WHO', 'IS', 'QUERIES', 'LAST', 'TOKENS', 'TEXTS'],
    users.map((user) => [
      user.guid,
      bearers.get(user.guid) ?? (user.guid.startsWith('key-') ? 'a key that keys list does not have' : '-'),
      user.banned ? 'banned' : user.sysop ? 'sysop' : '-',
      String(user.queryCount),
      user.lastQueryAt === undefined ? '-' : clockTime(user.lastQueryAt),
      String(user.promptTokens + user.completionTokens),
      user.history ? 'kept' : 'not kept',
    ]),
    { width, spare: ['TEXTS', 'TOKENS', 'LAST'] },
  )
  return total > users.length ? `${table}and ${total - users.length} more, who asked longer ago\n` : table
}
