/** A router on a swarm of scripted places. */
import type { Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import { type ErrorCode, RealmeshError } from '../../core/realmesh-error.ts'
import type { SearchOutcome } from '../../discovery/dht/model-search.ts'
import { FederationRouter } from '../../node/route/federation-router.ts'
import { HOSTS } from '../../node/route/places.ts'
import { RouteJournal, type RouteOptions } from '../../node/route/route-journal.ts'
import { WaitingRoom } from '../../node/route/waiting-room.ts'
import { HedgeBudget } from '../../routing/choice/hedge-budget.ts'
import { LOCAL } from '../../routing/choice/rank-peers.ts'
import type { SendOutcome } from '../../routing/learning/evidence.ts'
import type { Sent } from '../../routing/offers/sends.ts'
import { ManualClock } from './manual-clock.ts'
import { chatQuery } from './query.ts'
import { keptQueryLog } from './query-log.ts'
import { noProofs } from './served-part.ts'

/** What becomes of a query at a place: it is answered, cut in its middle, or refused with this code. */
export type Fate = 'answers' | 'cut' | ErrorCode

/** A search that the test answers: `found` brings a hidden node to light, and tells whether that was enough. */
export interface FakeSearch {
  readonly model: string
  readonly found: (node: string) => boolean
  readonly end: (outcome: SearchOutcome) => void
}

export interface RoutedSwarmOptions {
  readonly query?: Query
  /** Nodes that say nothing of their first answer before this has happened. */
  readonly until?: Readonly<Record<string, Promise<void>>>
  /** Nodes that nobody knows before a search has found them. */
  readonly hidden?: readonly string[]
  /** Whose a node is, `own` for those of this federation. Each its own by default. */
  readonly owners?: Readonly<Record<string, string>>
}

/** A swarm of scripted places, asked in the order given; each may have several fates, one per call. */
export function routedSwarm(
  fates: Readonly<Record<string, Fate | readonly Fate[]>>,
  { query = chatQuery(), until = {}, hidden = [], owners = {} }: RoutedSwarmOptions = {},
) {
  const clock = new ManualClock()
  const hedges = new HedgeBudget()
  const asked: Query[] = []
  const outcomes: [string, SendOutcome][] = []
  const contradicted: string[] = []
  const sent = new Map<Sent, string>()
  const calls = new Map<string, number>()
  const searches: FakeSearch[] = []
  /** Models of which more places were looked for. */
  const more: string[] = []
  const unknown = new Set(hidden)
  const play = (node: string) =>
    async function* (at: Query): AsyncGenerator<QueryEvent> {
      asked.push(at)
      const call = calls.get(node) ?? 0
      calls.set(node, call + 1)
      const script = fates[node] ?? 'NO_WORKER'
      const fate = typeof script === 'string' ? script : (script[Math.min(call, script.length - 1)] ?? 'NO_WORKER')
      yield { kind: 'start', node, worker: `w-${node}`, engine: 'fake', model: 'tiny' }
      if (call === 0) await until[node]
      if (fate === 'cut') yield { kind: 'text', text: 'par' }
      if (fate === 'cut') throw new RealmeshError('PEER_LOST', 'gone')
      if (fate !== 'answers') throw new RealmeshError(fate, 'scripted', { retryAfterMs: 200 })
      yield { kind: 'text', text: `from ${node}` }
      yield { kind: 'end', finishReason: 'stop' }
    }
  const room = new WaitingRoom({ clock, random: () => 1 })
  const { log, lines } = keptQueryLog()
  const router = new FederationRouter(
    {
      clock,
      log,
      hedges,
      waitingRoom: room,
      pseudonym: (user) => `anon-${user}`,
      proofs: noProofs,
      local: play(LOCAL),
      hosts: play(HOSTS),
      remote: (peer) => play(peer),
      reachMore: ({ model }) => more.push(model),
      searchModel: (model, { signal, until }) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
          const found = (node: string): boolean => {
            unknown.delete(node)
            return until()
          }
          searches.push({ model, found, end: resolve })
        }),
      places: {
        best: (_query, options, refused) => {
          const node = Object.keys(fates).find(
            (name) => !options.avoidNodes.has(name) && !refused.has(name) && !unknown.has(name),
          )
          if (node === undefined) return undefined
          const owner = owners[node] ?? node
          const relation = owner === 'own' ? 'home' : 'stranger'
          return { node, model: 'tiny', cost: 1, hit: 'drawn', sure: true, realm: '$CHAT', relation, owner }
        },
        isUnknown: () => hidden.length > 0,
        whyNone: (_query, searchedMs) =>
          new RealmeshError('NO_WORKER', `nobody${searchedMs === undefined ? '' : `, searched ${searchedMs}`}`),
        noteSent: (place) => {
          const ticket = {} as Sent
          sent.set(ticket, place.node)
          return ticket
        },
        noteFirstEvent: () => {},
        noteOutcome: (ticket, outcome) => outcomes.push([sent.get(ticket) ?? '?', outcome]),
        noteContradicted: ({ node }) => contradicted.push(node),
        noteAffinity: () => {},
      },
    },
    { node: 'me' },
  )
  const journal = new RouteJournal(query, clock)
  const abort = new AbortController()
  const options: RouteOptions = {
    signal: abort.signal,
    asker: 'own',
    journal,
    avoidNodes: new Set<string>(),
    avoidWorkers: new Set<string>(),
  }
  return {
    events: router.route(query, options),
    router,
    room,
    hedges,
    asked,
    outcomes,
    contradicted,
    journal,
    abort,
    clock,
    options,
    lines,
    searches,
    more,
  }
}
