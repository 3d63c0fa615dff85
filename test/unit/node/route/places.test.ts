import assert from 'node:assert/strict'
import type { ModelLoad } from '../../../../core/model/load.ts'
import type { Model } from '../../../../core/model/model.ts'
import type { Query } from '../../../../core/query/query.ts'
import type { Relation, Scope } from '../../../../core/scope.ts'
import { HOSTS, Places, type PlacesComponents } from '../../../../node/route/places.ts'
import { RouteJournal, type RouteOptions } from '../../../../node/route/route-journal.ts'
import type { ModelReach } from '../../../../node/route/why-no-place.ts'
import { PrefixAffinity } from '../../../../routing/choice/prefix-affinity.ts'
import { LOCAL } from '../../../../routing/choice/rank-peers.ts'
import { RoutingView } from '../../../../routing/offers/routing-view.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatQuery } from '../../../support/query.ts'
import { keptQueryLog, silentQueryLog } from '../../../support/query-log.ts'
import { emptyReach } from '../../../support/reach.ts'

const MODEL: Model = {
  name: 'tiny',
  types: ['chat'],
  capabilities: { vision: false, tools: false, reasoning: false, structured: false, prefill: true },
}

interface Peer {
  readonly id: string
  readonly relation?: Relation
  readonly share?: Scope
  readonly realm?: string
  readonly contextLength?: number
}

const localLoad = (overrides: Partial<ModelLoad> = {}): ModelLoad => ({
  model: 'tiny',
  slots: 1,
  running: 0,
  queued: 0,
  estimatedWaitMs: 0,
  decodeRate: 50,
  prefillRate: 500,
  warm: true,
  ...overrides,
})

function places(peers: readonly Peer[], overrides: Partial<PlacesComponents> = {}) {
  const clock = new ManualClock()
  const view = new RoutingView()
  for (const { id, relation = 'home', share = 'public', realm = '$CHAT', contextLength } of peers) {
    const model = { ...MODEL, ...(contextLength !== undefined && { contextLength }) }
    view.setNode({ id, relation, share, connected: true, models: [{ model, realm, slots: 4 }] })
  }
  const made = new Places({
    view,
    clock,
    affinity: new PrefixAffinity(),
    random: () => 0.5,
    log: silentQueryLog,
    relationOf: (peer) => peers.find(({ id }) => id === peer)?.relation ?? 'home',
    ownerOf: (peer) => peer,
    backupRealms: () => [],
    localOption: () => undefined,
    hostModel: () => undefined,
    reach: emptyReach(),
    ...overrides,
  })
  const best = (query: Query = chatQuery(), refused: readonly string[] = [], more: Partial<RouteOptions> = {}) => {
    const signal = new AbortController().signal
    const options: RouteOptions = {
      signal,
      asker: 'own',
      journal: new RouteJournal(query, clock),
      avoidNodes: new Set<string>(),
      avoidWorkers: new Set<string>(),
      ...more,
    }
    return made.best(query, options, new Set(refused))
  }
  return { places: made, best }
}

describe('Places', () => {
  it('tells each ranking in one line: who could serve, at what cost, and why the best is best', () => {
    const { log, lines } = keptQueryLog()
    const place = places([{ id: 'p' }, { id: 'r' }], { log }).best(chatQuery({ id: 'q-7' }))
    assert.equal(lines.length, 1)
    const [message, { query, by, among }] = lines[0] ?? assert.fail()
    assert.equal(message, `best in $CHAT: ${place?.node}`)
    assert.deepEqual([query, by], ['q-7', 'drawn'])
    assert.match(String(among), /^[pr] \d+ ms drawn,[pr] \d+ ms drawn$/)
  })

  it('never leaves this node for a local query, whoever offers the model', () => {
    for (const relation of ['home', 'friend', 'stranger'] as const) {
      assert.equal(places([{ id: 'p', relation }]).best(chatQuery({ scope: 'local' })), undefined)
    }
  })

  it('never hands on a query that has no hop left', () => {
    assert.equal(places([{ id: 'p' }]).best(chatQuery({ hopsLeft: 0 })), undefined)
  })

  const REACH: readonly (readonly [Scope, Relation, boolean])[] = [
    ['home', 'home', true],
    ['home', 'friend', false],
    ['home', 'stranger', false],
    ['friends', 'friend', true],
    ['friends', 'stranger', false],
    ['public', 'stranger', true],
  ]
  for (const [scope, relation, reached] of REACH) {
    it(`${reached ? 'asks' : 'does not ask'} a ${relation} node for a query of scope ${scope}`, () => {
      const place = places([{ id: 'p', relation }]).best(chatQuery({ scope }))
      assert.equal(place?.node, reached ? 'p' : undefined)
      if (reached) assert.equal(place?.relation, relation)
    })
  }

  it('does not ask a node whose card says that it does not serve us', () => {
    const stranger = { id: 'p', relation: 'stranger' as const, share: 'home' as const }
    assert.equal(places([stranger]).best(chatQuery({ scope: 'public' })), undefined)
  })

  it('prefers an idle worker here to a peer, and a peer to a long queue here', () => {
    const here = (load: ModelLoad) => ({ localOption: () => ({ model: 'tiny', load }) })
    assert.equal(places([{ id: 'p' }], here(localLoad())).best()?.node, LOCAL)
    const busy = localLoad({ running: 1, queued: 9, estimatedWaitMs: 60_000 })
    assert.equal(places([{ id: 'p' }], here(busy)).best()?.node, 'p')
  })

  it('leaves hosts of other federations to the last, but for the built-ins', () => {
    const hostModel = (): string => 'federation/other'
    const builtIn = ({ realOnly }: { readonly realOnly: boolean }) =>
      realOnly ? undefined : { model: 'builtin/guide', load: localLoad() }
    const localOption: PlacesComponents['localOption'] = (_realm, _query, options) => builtIn(options)
    const query = chatQuery({ scope: 'friends' })
    const { best } = places([{ id: 'p' }], { hostModel, localOption })
    assert.equal(best(query)?.node, 'p')
    assert.deepEqual([best(query, ['p'])?.node, best(query, ['p'])?.model], [HOSTS, 'federation/other'])
    assert.equal(best(query, ['p', HOSTS])?.node, LOCAL)
    assert.equal(best(chatQuery({ hopsLeft: 0 }), ['p'])?.node, LOCAL)
    assert.equal(best(chatQuery({ priority: 'batch' }), ['p']), undefined)
  })

  it('tells how large the window of the place is, so that a prompt too long for it goes to a larger one', () => {
    const place = places([{ id: 'p', contextLength: 2_048 }]).best()
    assert.equal(place?.contextLength, 2_048)
  })

  it('asks a backup realm only when the own realm has no place', () => {
    const backup = { backupRealms: (realm: string) => (realm === '$CHAT' ? ['$SPARE'] : []) }
    const both = [{ id: 'own' }, { id: 'spare', realm: '$SPARE' }]
    assert.equal(places(both, backup).best()?.realm, '$CHAT')
    assert.deepEqual(places(both, backup).best(chatQuery(), ['own'])?.realm, '$SPARE')
  })

  it('asks no backup realm that the key is not for', () => {
    const backup = { backupRealms: () => ['$CLOUD', '$SPARE'] }
    const spares = [
      { id: 'cloud', realm: '$CLOUD' },
      { id: 'spare', realm: '$SPARE' },
    ]
    const nodeFor = (realms: readonly string[]) => places(spares, backup).best(chatQuery(), [], { realms })?.node
    assert.equal(nodeFor(['$CHAT', '$SPARE']), 'spare')
    assert.equal(nodeFor(['$CHAT']), undefined)
  })

  it('takes a built-in only when no real engine is left anywhere', () => {
    const builtin: Partial<PlacesComponents> = {
      localOption: (_realm, _query, { realOnly }) =>
        realOnly ? undefined : { model: 'builtin/guide', load: localLoad() },
    }
    const auto = chatQuery({ model: 'auto' })
    assert.equal(places([{ id: 'p' }], builtin).best(auto)?.node, 'p')
    assert.equal(places([], builtin).best(auto)?.model, 'builtin/guide')
  })

  it('takes no built-in for a batch, whatever is left', () => {
    const { best } = places([], {
      localOption: (_realm, _query, { realOnly }) =>
        realOnly ? undefined : { model: 'builtin/guide', load: localLoad() },
    })
    assert.equal(best(chatQuery({ priority: 'batch' })), undefined)
    assert.equal(best()?.model, 'builtin/guide')
  })

  it('gives no built-in for engines of peers that are down, unless it is named', () => {
    const down: Partial<PlacesComponents> = {
      localOption: (_realm, _query, { realOnly }) =>
        realOnly ? undefined : { model: 'builtin/guide', load: localLoad() },
      reach: emptyReach({ isServedByPeers: () => true }),
    }
    assert.equal(places([], down).best(chatQuery({ model: 'auto' })), undefined)
    assert.equal(places([], down).best(chatQuery({ model: 'builtin/guide' }))?.model, 'builtin/guide')
  })

  it('has a model looked for that no node in reach offers, where the query may go and names one', () => {
    const isUnknown = (query: Parameters<typeof chatQuery>[0], reach: Partial<ModelReach> = {}): boolean =>
      places([], { reach: emptyReach(reach) }).places.isUnknown(chatQuery(query))
    assert.equal(isUnknown({}), true)
    assert.equal(isUnknown({}, { wasOffered: () => true }), true)
    assert.equal(isUnknown({}, { isOffered: (_query, scope) => scope === 'public' }), true)
    assert.equal(isUnknown({}, { isOffered: () => true }), false)
    const lack = { code: 'CAPABILITY_MISSING', message: 'x', nearness: 0 } as const
    assert.equal(isUnknown({}, { misfit: () => lack }), false)
    assert.equal(isUnknown({ scope: 'local' }), false)
    assert.equal(isUnknown({ hopsLeft: 0 }), false)
    assert.equal(isUnknown({ model: 'auto' }), false)
    assert.equal(isUnknown({ model: '' }), false)
  })
})
