import assert from 'node:assert/strict'
import type { Query } from '../../../../core/query/query.ts'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import type { RouteReceipt } from '../../../../core/query/receipt.ts'
import { type ErrorCode, RealmeshError } from '../../../../core/realmesh-error.ts'
import type { Relation, Scope } from '../../../../core/scope.ts'
import type { HostQuery } from '../../../../node/api/federation.ts'
import { MAX_VIA } from '../../../../node/api/federation.ts'
import { HostQueries } from '../../../../node/federation/host-queries.ts'
import type { HostRunInit } from '../../../../node/realm/host-run.ts'
import { TurnSigner } from '../../../../node/serve/turn-signer.ts'
import type { RunningEntry } from '../../../../node/users/running-queries.ts'
import { collect, textOf } from '../../../support/collect.ts'
import { defaultConfig } from '../../../support/default-config.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { silentQueryLog } from '../../../support/query-log.ts'

const { signal } = new AbortController()
const QUERY: HostQuery = {
  ...{ type: 'chat', model: '', via: ['federation_a'], hopsLeft: 0 },
  body: { messages: [{ role: 'user', content: 'Hi' }] },
}

interface Sketch {
  readonly share?: Scope
  readonly relation?: Relation
  readonly realms?: readonly string[]
  readonly banned?: boolean
  /** What own workers say; a text is an answer. @default 'here' */
  readonly here?: string | { readonly code: ErrorCode; readonly after?: string }
  readonly elsewhere?: string
}

function queries({
  share = 'friends',
  relation = 'friend',
  realms = [],
  banned = false,
  here = 'here',
  elsewhere,
}: Sketch = {}) {
  const clock = new ManualClock()
  const ran: Query[] = []
  const handed: (Pick<HostRunInit, 'way'> & { readonly exclude: readonly string[]; readonly scope: Scope })[] = []
  const receipts: RouteReceipt[] = []
  const running = new Set<RunningEntry>()
  const [realm] = defaultConfig().realms
  assert.ok(realm !== undefined)
  const says = async function* (text: string): AsyncGenerator<QueryEvent> {
    yield { kind: 'text', text }
    yield { kind: 'end', finishReason: 'stop' }
  }
  const made = new HostQueries(
    {
      clock,
      log: silentQueryLog,
      turns: new TurnSigner({ sign: async () => new Uint8Array() } as never),
      share: () => share,
      book: { realmsOf: () => realms, named: (ids) => ids.map((id) => `host of ${id}`) },
      users: { opening: undefined, isBanned: () => banned },
      running: { add: (entry) => void running.add(entry), remove: (entry) => void running.delete(entry) },
      accounting: { open: () => ({ saw: () => {}, ended: (receipt) => receipts.push(receipt) }) },
      realms: {
        forType: () => ({ config: realm }) as never,
        limitsFor: () => realm.limits,
        run: async function* (query) {
          ran.push(query)
          if (typeof here === 'string') yield* says(here)
          else {
            if (here.after !== undefined) yield { kind: 'text', text: here.after }
            throw new RealmeshError(here.code, 'not here')
          }
        },
        runAtHosts: async function* (query, { way, exclude }) {
          handed.push({ way, exclude: [...exclude], scope: query.scope })
          if (elsewhere === undefined) throw new RealmeshError('NO_WORKER', 'no host')
          yield* says(elsewhere)
        },
      },
    },
    { federationId: 'federation_own', self: 'me' },
  )
  const ask = (more: Partial<HostQuery> = {}): AsyncIterable<QueryEvent> => {
    const host = { name: 'garage', relation, federationId: undefined }
    return made.accept(host, { ...QUERY, ...more } as HostQuery, { signal }).events
  }
  return { ask, ran, handed, receipts, running, clock }
}

describe('HostQueries', () => {
  it('runs a query of a host here as one of a peer, for a user of its own, and writes down its account', async () => {
    const { ask, ran, receipts, running } = queries()
    assert.equal(textOf(await collect(ask({ id: 'q-1' }))), 'here')
    const [{ id, user, origin, scope, hopsLeft, realm } = assert.fail()] = ran
    assert.deepEqual(
      [id, user, origin, scope, hopsLeft, realm],
      ['q-1', 'federation:garage', 'garage', 'local', 0, '$CHAT'],
    )
    assert.deepEqual(
      receipts.map(({ outcome }) => outcome),
      ['served'],
    )
    assert.equal(running.size, 0)
  })

  const shares: readonly (readonly [Scope, Relation, boolean])[] = [
    ['local', 'home', false],
    ['home', 'home', true],
    ['home', 'friend', false],
    ['friends', 'friend', true],
    ['friends', 'stranger', false],
    ['public', 'stranger', true],
  ]
  for (const [share, relation, served] of shares) {
    it(`${served ? 'serves' : 'refuses'} a host that is ${relation} where share is ${share}`, () => {
      const { ask } = queries({ share, relation })
      if (served) ask()
      else assert.throws(() => ask(), { code: 'SHARE_REFUSED' })
    })
  }

  it('refuses a realm that the host is not for, a user who is banned, and more than a peer may ask', async () => {
    assert.throws(() => queries({ realms: ['$IMAGINE'] }).ask(), { code: 'REALM_NOT_FOUND' })
    await assert.rejects(collect(queries({ banned: true, elsewhere: 'there' }).ask({ hopsLeft: 1 })), {
      code: 'USER_BANNED',
    })
    const { ask, clock } = queries()
    for (let i = 0; i < 500; i += 1) ask()
    assert.throws(() => ask(), { code: 'REALM_OVERLOADED' })
    clock.advance(1_000)
    ask()
  })

  it('refuses a query that has been here: by its way, by its id while it runs, and by the length of its way', async () => {
    const { ask } = queries()
    assert.throws(() => ask({ via: ['federation_a', 'federation_own'] }), { code: 'PROTOCOL_ERROR' })
    assert.throws(() => ask({ via: Array.from({ length: MAX_VIA }, (_, i) => `federation_${i}`) }), {
      code: 'BAD_REQUEST',
    })
    const first = ask({ id: 'q-1' })[Symbol.asyncIterator]()
    await first.next()
    assert.throws(() => ask({ id: 'q-1' }), { code: 'PROTOCOL_ERROR' })
    await first.return?.()
    assert.equal(textOf(await collect(ask({ id: 'q-1' }))), 'here', 'it may be asked again once it has ended')
  })

  it('hands a query on only where it has hops left and nothing of the answer has come, never back', async () => {
    const failing = { code: 'NO_WORKER' } as const
    const none = queries({ here: failing, elsewhere: 'there' })
    await assert.rejects(collect(none.ask()), { code: 'NO_WORKER' })
    assert.equal(none.handed.length, 0)
    const { ask, handed, receipts } = queries({ here: failing, elsewhere: 'there' })
    assert.equal(textOf(await collect(ask({ hopsLeft: 2 }))), 'there')
    assert.deepEqual(handed, [
      {
        way: { via: ['federation_a', 'federation_own'], hopsLeft: 1 },
        exclude: ['garage', 'host of federation_a'],
        scope: 'friends',
      },
    ])
    assert.equal(receipts[0]?.attempts.length, 2)
    const cut = queries({ here: { code: 'ENGINE_FAILED', after: 'half' }, elsewhere: 'there' })
    await assert.rejects(collect(cut.ask({ hopsLeft: 2 })), { code: 'ENGINE_FAILED' })
    const alone = queries({ here: { code: 'CONTEXT_TOO_LONG' } })
    await assert.rejects(collect(alone.ask({ hopsLeft: 2 })), { code: 'CONTEXT_TOO_LONG' }, 'the first reason stands')
  })

  it('ends where the operator ends it', async () => {
    const { ask, running, receipts } = queries({ here: { code: 'CANCELLED' } })
    const events = ask({ hopsLeft: 1 })[Symbol.asyncIterator]()
    const next = events.next()
    for (const entry of running) entry.end(new RealmeshError('TERMINATED', 'ended'))
    await assert.rejects(next)
    assert.deepEqual([running.size, receipts.length], [0, 1])
  })
})
