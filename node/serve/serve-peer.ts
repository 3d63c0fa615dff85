/**
 * The door for queries of other nodes: the peer is looked up by certificate, and is told so when we do not share with
 * it or it asks too much, before any of its query but the envelope is looked at. What passes runs on own workers only;
 * it is never sent on. The end of the answer carries our signed part.
 */
import type { Query } from '../../core/query/query.ts'
import type { EndEvent, QueryEvent } from '../../core/query/query-event.ts'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import { relayedRun } from '../../core/run/relayed-run.ts'
import type { RunQuery } from '../../core/run/run-query.ts'
import { type Relation, type Scope, scopeReaches } from '../../core/scope.ts'
import type { AdmitQuery, AskedQuery } from '../../protocols/query/serving/admitted.ts'
import type { RealmRunOptions } from '../realm/realm-run.ts'
import type { Signer } from '../receipt/ed25519-signer.ts'
import type { QueryLog } from '../route/query-log.ts'
import { PEER_RETRY_MS, PeerAllowance } from './peer-allowance.ts'
import { TurnSigner } from './turn-signer.ts'

export interface ServePeerComponents {
  /** What the asking peer is to us, as its card proves. */
  readonly relationOf: (peer: string) => Promise<Relation | undefined>
  /** Runs a query on own workers. */
  readonly runHere: (query: Query, options: RealmRunOptions) => AsyncIterable<QueryEvent>
  /** Whose queries this node serves now. */
  readonly share: () => Scope
  readonly signer: Signer
  /** Monotonic milliseconds. */
  readonly now: () => number
  readonly log: QueryLog
}

/** What the query server asks of each query. */
export function servePeer(components: ServePeerComponents): AdmitQuery {
  const allowance = new PeerAllowance()
  const turns = new TurnSigner(components.signer)
  const { relationOf, share, now, runHere, log } = components
  const askerOf = async ({ origin, bodyBytes }: AskedQuery): Promise<Relation> => {
    const known = await relationOf(origin)
    const asker = known ?? 'stranger'
    if (!scopeReaches(share(), asker)) {
      if (known === undefined) throw notKnownYet()
      throw allowance.refuse(origin, now()) ? notShared(share()) : asksOn()
    }
    // Own rigs are trusted with their rates as with their slots.
    if (asker !== 'home' && !allowance.take(origin, bodyBytes, now())) throw tooMany()
    return asker
  }
  const serve = (asker: Relation): RunQuery => {
    return (query, options) => served(() => runHere({ ...query, hopsLeft: 0 }, { ...options, asker }), query)
  }
  const signedEnd = async function* (id: string, end: EndEvent): AsyncGenerator<QueryEvent> {
    yield end.served === undefined ? end : { ...end, served: await turns.signed(id, end.served) }
  }
  const served = (begin: () => AsyncIterable<QueryEvent>, query: Query): AsyncIterable<QueryEvent> => {
    let unsigned: EndEvent | undefined
    return relayedRun({
      begin,
      onEvent: (event) => {
        if (event.kind !== 'end' || event.served === undefined || event.served.signature !== undefined) return event
        unsigned = event
        return undefined
      },
      onDone: () => {
        const end = unsigned
        unsigned = undefined
        return end === undefined ? undefined : signedEnd(query.id, end)
      },
      onError: (thrown) => {
        log.peerFailed(query, toRealmeshError(thrown))
        throw thrown
      },
      onClosed: () => {},
    })
  }
  return async (asked) => {
    try {
      const asker = await askerOf(asked)
      return { own: asker === 'home', run: serve(asker) }
    } catch (refusal) {
      log.peerFailed(asked, toRealmeshError(refusal))
      throw refusal
    }
  }
}

function tooMany(): RealmeshError {
  return new RealmeshError('REALM_OVERLOADED', 'this node takes no more queries from you at the moment', {
    retryAfterMs: PEER_RETRY_MS,
    fix: 'ask fewer at once, or another node',
  })
}

const REFUSAL: Readonly<Record<Scope, string>> = {
  local: 'this node serves its own users only',
  home: 'this node serves its own federation only, and you are not a member',
  friends: 'this node serves its federation and friends only, and you are neither',
  public: 'this node serves everyone',
}

function notShared(share: Scope): RealmeshError {
  return new RealmeshError('SHARE_REFUSED', REFUSAL[share], {
    fix: 'ask its owner to list you as a friend, or join with the federation key',
  })
}

function asksOn(): RealmeshError {
  return new RealmeshError('PROTOCOL_ERROR', 'the asking node goes on asking although nothing is shared with it')
}

/** A card that did not come in time says nothing of its peer, which may be one of ours on a busy machine. */
function notKnownYet(): RealmeshError {
  return new RealmeshError('REALM_OVERLOADED', 'this node has not read your card yet and serves no strangers', {
    retryAfterMs: PEER_RETRY_MS,
    fix: 'ask again in a moment',
  })
}
