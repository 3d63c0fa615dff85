import type { OperatorActs } from '../../gateway/admin/admin-actions.ts'
import type { KnownUser } from '../../node/api/known-users.ts'

const FAKE_USER: KnownUser = {
  guid: 'g',
  handle: 'u.1',
  nickname: 'n',
  sysop: false,
  banned: false,
  history: false,
  createdAt: 1,
  queryCount: 0,
  totalTimeMs: 0,
  totalCost: 0,
  balance: 0,
}

/** A control that does nothing and remembers what it was told, as `name(arguments)`. */
export function fakeControl(): OperatorActs & { readonly told: (readonly [act: string, ...rest: unknown[]])[] } {
  const told: (readonly [string, ...unknown[]])[] = []
  const note =
    <T>(act: string, answer: T) =>
    (...rest: unknown[]): T => {
      told.push([act, ...rest])
      return answer
    }
  const later = <T>(act: string, answer: T): ((...rest: unknown[]) => Promise<T>) => note(act, Promise.resolve(answer))
  return {
    told,
    pause: later('pause', undefined),
    resume: later('resume', undefined),
    reload: later('reload', { applied: ['node.scope'], restart: ['node.http'], problems: [] }),
    keys: {
      reload: later('keys.reload', { keys: 2, file: '/home/data/api-keys.json' }),
      usage: note('keys.usage', {}),
    },
    workers: {
      list: note('workers.list', []),
      add: later('workers.add', undefined),
      change: later('workers.change', undefined),
      drain: note('workers.drain', undefined),
      undrain: note('workers.undrain', undefined),
      remove: later('workers.remove', undefined),
    },
    realms: { set: later('realms.set', undefined), remove: later('realms.remove', undefined) },
    shards: {
      status: note('shards.status', { shards: [], warnings: [] }),
      add: later('shards.add', undefined),
      drain: later('shards.drain', undefined),
      rebalance: later('shards.rebalance', undefined),
      repair: later('shards.repair', undefined),
      verify: later('shards.verify', [{ shard: 'a', records: 1, users: 1, strays: 0, findings: [] }]),
    },
    users: {
      list: later('users.list', {
        users: [
          {
            guid: 'local',
            handle: 'u.1',
            nickname: 'n',
            sysop: false,
            banned: false,
            createdAt: 1,
            queryCount: 2,
            servedCount: 2,
            totalTimeMs: 5,
            totalCost: 0.02,
            promptTokens: 3,
            completionTokens: 4,
            history: false,
          },
        ],
        total: 2,
      }),
      export: later('users.export', {
        format: 'realmesh-user/3' as const,
        exportedAt: 1,
        account: {
          guid: 'g',
          nickname: 'n',
          sysop: false,
          banned: false,
          createdAt: 1,
          queryCount: 0,
          totalTimeMs: 0,
          totalCostMicros: 0,
          promptTokens: 0,
          completionTokens: 0,
          balanceMicros: 0,
          history: false,
          settings: {},
        },
        queries: [],
        credits: [],
        responses: [],
        batches: [],
        files: [],
      }),
      erase: later('users.erase', { rowsRemoved: 3, notLookedAt: [] }),
      settings: later('users.settings', { history: true }),
      ban: later('users.ban', { ...FAKE_USER, banned: true }),
      unban: later('users.unban', FAKE_USER),
      sysop: later('users.sysop', { ...FAKE_USER, sysop: true }),
      history: later('users.history', []),
      credit: later('users.credit', { ...FAKE_USER, balance: 1 }),
    },
    queries: { list: note('queries.list', []), terminate: note('queries.terminate', 1) },
    invitations: {
      create: later('invitations.create', { text: 'realmesh:AAAA', expiresMs: 2 }),
      list: note('invitations.list', []),
      revoke: later('invitations.revoke', undefined),
      join: later('invitations.join', {
        kind: 'home' as const,
        peer: 'p',
        name: 'attic',
        federation: 'f',
        changed: true,
      }),
    },
    backup: later('backup', { manifest: 'backup-1.json', records: 7, chunks: 2, written: 2 }),
  }
}
