/**
 * The door for queries of other nodes: the peer is looked up by certificate, and is told so when we do not share with
 * it or it asks too much, before any of its query but the envelope is looked at. What passes runs here: see
 * served-query.ts.
 */
import type { RealmLimits } from '../../config/schema/realm-schema.ts'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import { relayedRun } from '../../core/run/relayed-run.ts'
import type { RunQuery } from '../../core/run/run-query.ts'
import { type Relation, type Scope, scopeReaches } from '../../core/scope.ts'
import type { AdmitQuery, AskedQuery } from '../../protocols/query/serving/admitted.ts'
import type { Signer } from '../receipt/ed25519-signer.ts'
import { PEER_RETRY_MS, PeerAllowance } from './peer-allowance.ts'
import { ServedQuery, type ServedQueryComponents } from './served-query.ts'
import { TurnSigner } from './turn-signer.ts'

export interface ServePeerComponents extends Omit<ServedQueryComponents, 'turns'> {
  /** What the asking peer is to us, as its card proves. */
  readonly relationOf: (peer: string) => Promise<Relation | undefined>
  /** Whose queries this node serves now. */
  readonly share: () => Scope
  /** Throws `DRAINING` while this node takes no query. @default it takes them */
  readonly assertTaking?: () => void
  readonly signer: Signer
  /** What the query of such an asker may cost; undefined: there is no such realm. */
  readonly limits: (asked: AskedQuery, asker: Relation) => RealmLimits | undefined
}

/** What the query server asks of each query. */
export function servePeer(components: ServePeerComponents): AdmitQuery {
  const allowance = new PeerAllowance()
  const turns = new TurnSigner(components.signer)
  const { relationOf, share, clock, limits, log } = components
  const now = (): number => clock.monotonic()
  const askerOf = async ({ origin, bodyBytes }: AskedQuery): Promise<Relation> => {
    const known = await relationOf(origin)
    const asker = known ?? 'stranger'
    if (!scopeReaches(share(), asker)) {
      if (known === undefined) throw allowance.putOff(origin, now()) ? notKnownYet() : asksOn()
      throw allowance.refuse(origin, now()) ? notShared(share()) : asksOn()
    }
    // Own rigs are trusted with their rates as with their slots.
    if (asker !== 'home' && !allowance.take(origin, bodyBytes, now())) throw tooMany()
    return asker
  }
  return async (asked) => {
    try {
      components.assertTaking?.()
      const asker = await askerOf(asked)
      const bounds = limits(asked, asker)
      if (bounds === undefined) throw new RealmeshError('REALM_NOT_FOUND', `this node has no realm ${asked.realm}`)
      const run: RunQuery = (query, options) =>
        relayedRun(new ServedQuery({ ...components, turns }, { query, options, asker, limits: bounds }))
      return { own: asker === 'home', run }
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
  return new RealmeshError('PROTOCOL_ERROR', 'the asking node goes on asking although it is not served')
}

/** A card that did not come in time says nothing of its peer, which may be one of ours on a busy machine. */
function notKnownYet(): RealmeshError {
  return new RealmeshError('REALM_OVERLOADED', 'this node has not read your card yet and serves no strangers', {
    retryAfterMs: PEER_RETRY_MS,
    fix: 'ask again in a moment',
  })
}
