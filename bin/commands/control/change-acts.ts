/** Commands that change what stands in realms.yml, or what runs, through the running node: one row each. */
import { typedValue } from '../../../config/edit/set-value.ts'
import { defined } from '../../../core/defined.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { Changed } from '../../../node/api/changes.ts'
import type { EngineTest, PeerList, PoolControl } from '../../../node/api/config-control.ts'
import { type Invocation, type RunCommand, textFlag } from '../../cli/command.ts'
import { EXIT } from '../../cli/exit-codes.ts'
import type { Result } from '../../cli/print.ts'
import { shortId, textTable } from '../../cli/text-table.ts'
import { type Act, actCommand } from './act-command.ts'
import { changedResult, lastsOf } from './changed-result.ts'
import { enginesResult, realmsResult, workersResult } from './node-results.ts'

/** A change, told in words; the flag says how long it holds. */
function change(
  act: string,
  body: (invocation: Invocation) => object,
  what: (args: readonly string[]) => string,
): RunCommand {
  return actCommand<Changed>({
    act,
    body: (invocation) => ({ ...body(invocation), ...lastsOf(invocation.flags) }),
    tell: (changed, { args }) => changedResult(changed, what(args)),
  })
}

/** What runs, changed until the restart. */
function switched(act: string, body: Act<Changed>['body'], what: (args: readonly string[]) => string): RunCommand {
  return actCommand<Changed>({
    act,
    ...defined({ body }),
    tell: (changed, { args }) => changedResult(changed, what(args)),
  })
}

const named = ({ args: [name] }: Invocation): object => ({ name })

export const CHANGE_ACTS = {
  drain: switched('node/drain', undefined, () => 'drained: no new query is taken, what runs goes on'),
  undrain: switched('node/undrain', undefined, () => 'queries are taken again'),

  'realms list': actCommand({ act: 'config/get', body: () => ({ path: 'realms' }), tell: realmsResult }),
  'realms set': change(
    'realms/set',
    (invocation) => {
      const [name, type] = invocation.args
      return { name, realm: { ...settings(invocation), primary_query_type: type } }
    },
    ([name]) => `${name} is set`,
  ),
  'realms remove': change('realms/remove', named, ([name]) => `${name} is gone`),

  'workers list': actCommand({ act: 'workers/list', tell: workersResult }),
  'workers add': change('workers/add', workerOf, ([name]) => `${name} works`),
  'workers change': change('workers/change', workerOf, ([name]) => `${name} is changed`),
  'workers remove': change('workers/remove', named, ([name]) => `${name} is taken out`),
  'workers drain': switched('workers/drain', named, ([name]) => `${name} gets nothing new`),
  'workers undrain': switched('workers/undrain', named, ([name]) => `${name} gets queries again`),
  'workers test': actCommand<EngineTest>({
    act: 'workers/test',
    body: (invocation) => (invocation.args.length === 1 ? named(invocation) : workerOf(invocation)),
    tell: tested,
  }),

  'pools list': actCommand<{ readonly pools: ReturnType<PoolControl['list']> }>({
    act: 'pools/list',
    tell: ({ pools }, { context }) => ({
      json: pools,
      text:
        textTable(
          ['REALM', 'POOL', 'STRATEGY', 'WORKERS'],
          pools.map((pool) => [pool.realm, pool.name, pool.strategy, pool.members.join(' ') || '-']),
          { width: context.columns },
        ) || 'no pools; realmesh pools set makes one\n',
    }),
  }),
  'pools set': change(
    'pools/set',
    ({ args: [realm, name, ...members], flags }) => ({
      ...{ realm, name },
      pool: { members, ...defined({ strategy: textFlag(flags, 'strategy') }) },
    }),
    ([realm, name]) => `${realm} has the pool ${name}`,
  ),
  'pools remove': change('pools/remove', pool, ([realm, name]) => `${realm} has no pool ${name} any more`),
  'pools join': change('pools/join', pool, ([, name, worker]) => `${worker} is in ${name}`),
  'pools leave': change('pools/leave', pool, ([, name, worker]) => `${worker} is not in ${name} any more`),

  'engines look': actCommand({ act: 'engines/look', tell: enginesResult }),

  'peers friends': actCommand<PeerList>({ act: 'peers/list', tell: friends }),
  'peers block': change('peers/block', peer, ([name]) => `${name} is shut out`),
  'peers unblock': change('peers/unblock', peer, ([name]) => `${name} may come back`),
  'peers friend': change('peers/friend', friend, ([name]) => `${name} is a friend`),
  'peers unfriend': change('peers/unfriend', friend, ([name]) => `${name} is no friend any more`),
  'peers name': change(
    'peers/name',
    ({ args: [id, name] }) => ({ peer: id, name: name ?? null }),
    ([id, name]) => (name === undefined ? `${id} has no name of yours` : `${id} is called ${name}`),
  ),
} as const satisfies Readonly<Record<string, RunCommand>>

export type ChangeAct = keyof typeof CHANGE_ACTS

function peer({ args: [name] }: Invocation): object {
  return { peer: name }
}

function pool({ args: [realm, name, worker] }: Invocation): object {
  return defined({ realm, name, worker })
}

function friend({ args: [name], flags }: Invocation): object {
  const who = flags['federation'] === true ? { federation: name } : { peer: name }
  return { ...who, ...defined({ until: textFlag(flags, 'until') }) }
}

/** A worker as the words behind the command say: name, kind, address, and what `--set` gives. */
function workerOf(invocation: Invocation): object {
  const [name, engine, url] = invocation.args
  return { worker: { ...settings(invocation), ...defined({ name, engine, url }) } }
}

/** What `--set KEY=VALUE` says, values as YAML. Throws `USAGE`. */
function settings({ flags }: Invocation): object {
  const given = flags['set']
  const pairs = Array.isArray(given) ? given.map(String) : []
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, key, value] = /^([a-z_]+)=(.*)$/s.exec(pair) ?? []
      if (key !== undefined && value !== undefined) return [key, typedValue([key], value)]
      throw new RealmeshError('USAGE', `--set ${pair}: expected KEY=VALUE`, { fix: 'such as --set slots=2' })
    }),
  )
}

function tested({ ok, tookMs, models, error }: EngineTest): Result {
  const json = { ok, tookMs, models, ...defined({ error }) }
  if (ok) return { json, text: `${models.join('\n')}\n`, note: `answered within ${tookMs} ms` }
  const fix = error?.fix === undefined ? '' : `; ${error.fix}`
  return { json, note: `it does not answer: ${error?.message ?? 'nothing came'}${fix}`, status: EXIT.failed }
}

function friends({ friends, blocked, names }: PeerList, { context }: Invocation): Result {
  const rows = [
    ...friends.map((each) => [shown(each.peer ?? each.federation ?? ''), 'friend', each.until ?? '-']),
    ...blocked.map((id) => [shown(id), 'blocked', '-']),
  ]
  const named = Object.entries(names).map(([id, name]) => [shown(id), `called ${name}`, '-'])
  return {
    json: { friends, blocked, names },
    text: textTable(['WHO', 'IS', 'UNTIL'], [...rows, ...named], { width: context.columns }) || 'nobody\n',
  }
}

/** Whole ids, which others are given. */
function shown(id: string): string {
  return id.length > 60 ? shortId(id) : id
}
