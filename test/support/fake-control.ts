import type { OperatorActs } from '../../gateway/admin/operator-acts.ts'
import type { Changed } from '../../node/api/changes.ts'
import type { Pairing } from '../../node/api/joining/pairing-control.ts'
import type { KnownUser } from '../../node/api/known-users.ts'

const WRITTEN: Changed = { lasts: 'written', file: '/home/realms.yml', restart: [], problems: [] }
const FOR_NOW: Changed = { lasts: 'until the restart' }

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

const WELL = { state: 'ok', findings: [] } as const
const FAKE_PAIRING: Pairing = { peer: 'p', name: 'attic', kind: 'home', state: 'asked' }

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
    node: { drain: note('node.drain', FOR_NOW), undrain: note('node.undrain', FOR_NOW) },
    config: {
      get: note('config.get', { path: 'realms', value: {} }),
      set: later('config.set', WRITTEN),
      validate: later('config.validate', { valid: true, problems: [], warnings: [] }),
      diff: later('config.diff', { applied: [], restart: [] }),
      reload: later('config.reload', { applied: ['node.scope'], restart: ['node.http'], problems: [] }),
    },
    keys: {
      list: later('keys.list', []),
      add: later('keys.add', { key: 'sk-new', keys: 2, file: '/home/data/api-keys.json' }),
      change: later('keys.change', { keys: 2, file: '/home/data/api-keys.json' }),
      remove: later('keys.remove', { keys: 1, file: '/home/data/api-keys.json' }),
      reload: later('keys.reload', { keys: 2, file: '/home/data/api-keys.json' }),
      usage: note('keys.usage', {}),
    },
    doctor: {
      examine: later('doctor.examine', WELL),
      about: later('doctor.about', WELL),
    },
    workers: {
      list: note('workers.list', []),
      add: later('workers.add', WRITTEN),
      change: later('workers.change', WRITTEN),
      drain: note('workers.drain', FOR_NOW),
      undrain: note('workers.undrain', FOR_NOW),
      remove: later('workers.remove', WRITTEN),
      test: later('workers.test', { ok: true, tookMs: 1, models: ['tiny'] }),
    },
    engines: {
      list: note('engines.list', { found: [], refused: [] }),
      look: later('engines.look', { found: [], refused: [], at: 1 }),
    },
    realms: {
      list: () => [
        { name: '$CHAT', primaryQueryType: 'chat', pools: [], primary: true },
        { name: '$CODE', primaryQueryType: 'chat', pools: [], primary: false },
      ],
      set: later('realms.set', WRITTEN),
      change: later('realms.change', WRITTEN),
      remove: later('realms.remove', WRITTEN),
    },
    pools: {
      list: note('pools.list', []),
      set: later('pools.set', WRITTEN),
      remove: later('pools.remove', WRITTEN),
      join: later('pools.join', WRITTEN),
      leave: later('pools.leave', WRITTEN),
    },
    peers: {
      list: note('peers.list', { peers: [], blocked: [], friends: [], names: {} }),
      block: later('peers.block', WRITTEN),
      unblock: later('peers.unblock', WRITTEN),
      friend: later('peers.friend', WRITTEN),
      unfriend: later('peers.unfriend', WRITTEN),
      name: later('peers.name', WRITTEN),
    },
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
      create: later('invitations.create', { id: 'a1', text: 'realmesh:AAAA', expiresMs: 2 }),
      list: note('invitations.list', []),
      revoke: later('invitations.revoke', 'a1b2'),
      join: later('invitations.join', {
        kind: 'home' as const,
        peer: 'p',
        name: 'attic',
        federation: 'f',
        changed: true,
      }),
    },
    pairings: {
      list: note('pairings.list', []),
      begin: later('pairings.begin', FAKE_PAIRING),
      answer: later('pairings.answer', { ...FAKE_PAIRING, state: 'paired' as const }),
      wait: later('pairings.wait', { ...FAKE_PAIRING, state: 'compare' as const, digits: '012345' }),
    },
    backup: later('backup', { manifest: 'backup-1.json', records: 7, chunks: 2, written: 2 }),
  }
}
