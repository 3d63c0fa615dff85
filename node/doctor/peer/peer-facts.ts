/** Why a peer cannot be reached, or does not serve this node: read off what is known of it. Pure. */
import type { Finding } from '../../../core/model/finding.ts'
import { sameModel } from '../../../core/model/model-name.ts'
import { type Relation, type Scope, scopeReaches } from '../../../core/scope.ts'
import { cardProtocol } from '../../../protocols/card/constants.ts'
import { found } from '../codes/found.ts'
import { networksOf } from '../swarm/bootstrap.ts'
import { span } from '../swarm/own-state.ts'
import type { DialResult, SeenConnection } from '../swarm/swarm-readings.ts'

export interface PeerFacts {
  readonly id: string
  /** What people call it. */
  readonly name: string
  readonly network: string
  /** Why it is shut out, and for how long; without an end it was the owner. */
  readonly denied?: { readonly reason: string; readonly forMs?: number }
  readonly connection?: SeenConnection
  /** What came of dialling it now; empty where it was connected already. */
  readonly dials: readonly DialResult[]
  /** What it speaks, as far as it said. */
  readonly protocols: readonly string[]
  /** What it says of itself; absent until its card has come. */
  readonly card?: { readonly version: string; readonly share: Scope; readonly models: readonly string[] }
  readonly relation: Relation
  /** What this node is to it, where it said so. */
  readonly theirs?: Relation
  /** How far own queries go. */
  readonly scope: Scope
  /** Milliseconds that its clock is ahead of ours, where that is too far. */
  readonly skewMs?: number
  /** What it said of its load, as far as that may still be believed. */
  readonly load?: {
    readonly paused: boolean
    readonly draining: boolean
    readonly running: number
    readonly slots: number
    readonly queued: number
  }
  readonly breaker: 'closed' | 'open' | 'half-open'
  /** A model that it is to serve. */
  readonly model?: string
}

/** Everything that stands in the way, first things first; `peer.ok` where nothing does. */
export function judgePeer(facts: PeerFacts): readonly Finding[] {
  const way = judgeWay(facts)
  if (way.some(({ state }) => state === 'fail')) return way
  const trouble = [...judgeRelation(facts), ...judgeOffer(facts)]
  const both = [...way, ...trouble]
  return trouble.length > 0
    ? both
    : [...both, found('peer.ok', `${facts.name} serves this node`, { facts: shown(facts) })]
}

const MINUTE_MS = 60_000

/** Whether there is a connection on which both understand each other. */
function judgeWay(facts: PeerFacts): readonly Finding[] {
  const { name, denied, connection, dials, card } = facts
  const init = { facts: shown(facts) }
  if (denied !== undefined && denied.forMs === undefined) {
    return [
      found('peer.blocked', `you blocked ${name}`, { ...init, fix: `realmesh peers unblock ${facts.id.slice(-8)}` }),
    ]
  }
  if (denied?.forMs !== undefined) {
    const minutes = Math.ceil(denied.forMs / MINUTE_MS)
    return [found('peer.shut-out', `${name} is shut out for ${minutes} min more: ${denied.reason}`, init)]
  }
  if (connection === undefined) {
    const first = dials.find(({ problem }) => problem !== undefined)
    if (first === undefined)
      return [found('peer.no-address', `${name} is not connected, and no address is known`, init)]
    return [found('peer.unreached', `${name} is reached at none of ${dials.length} addresses: ${at(first)}`, init)]
  }
  if (card === undefined) return [judgeStranger(facts)]
  const findings: Finding[] = []
  if (dials.length > 0) findings.push(found('peer.reached', `${name} was not connected, and is now`, init))
  if (connection.path.kind === 'relayed')
    findings.push(found('peer.relayed', `${name} is reached over a relay only`, init))
  return findings
}

function at({ address, problem }: DialResult): string {
  return `${address.replace(/\/p2p\/[^/]+$/, '')}: ${problem}`
}

/** Connected, and without a card. */
function judgeStranger(facts: PeerFacts): Finding {
  const { name, protocols, network } = facts
  const init = { facts: shown(facts) }
  const networks = networksOf(protocols)
  const [other] = networks
  if (other !== undefined && !networks.includes(network)) {
    return found('peer.other-network', `${name} is of the network ${other}, this node of ${network}`, init)
  }
  if (protocols.length > 0 && !protocols.includes(cardProtocol(network))) {
    return found('peer.other-protocol', `${name} speaks no protocol that this version understands`, init)
  }
  return found('peer.no-card', `${name} is connected and does not say what it is`, init)
}

const WHO: Readonly<Record<Relation, string>> = { home: 'one of yours', friend: 'a friend', stranger: 'a stranger' }

const WHO_YOU_ARE: Readonly<Record<Relation, string>> = {
  home: 'one of its own',
  friend: 'a friend',
  stranger: 'a stranger',
}

const SCOPE_OF: Readonly<Record<Relation, Scope>> = { home: 'home', friend: 'friends', stranger: 'public' }

/** Whether each lets the other: this node's scope, and the peer's share. */
function judgeRelation(facts: PeerFacts): readonly Finding[] {
  const { name, relation, theirs, scope, card, skewMs } = facts
  const init = { facts: shown(facts) }
  const findings: Finding[] = []
  if (skewMs !== undefined)
    findings.push(found('peer.clock', `the clock of ${name} is ${span(skewMs)} the one here`, init))
  if (!scopeReaches(scope, relation)) {
    const cause = `${name} is ${WHO[relation]} to you, and your queries go as far as ${scope}`
    const fix = `realmesh config set node.scope ${SCOPE_OF[relation]}, or make it yours: realmesh invite`
    findings.push(found('peer.out-of-scope', cause, { ...init, fix }))
  }
  // Until it has said what this node is to it, the node is taken for what the peer is here: as `servesUs` does.
  const taken = theirs ?? relation
  if (card !== undefined && !scopeReaches(card.share, taken)) {
    const it = theirs === undefined ? `to you it is ${WHO[taken]}` : `to it you are ${WHO_YOU_ARE[taken]}`
    findings.push(found('peer.not-shared', `${name} shares with ${card.share}; ${it}`, init))
  }
  return findings
}

/** Whether it has something to serve with, now. */
function judgeOffer(facts: PeerFacts): readonly Finding[] {
  const { name, card, load, breaker, model } = facts
  const init = { facts: shown(facts) }
  if (load?.draining === true) return [found('peer.draining', `${name} takes no new queries`, init)]
  if (load?.paused === true) return [found('peer.paused', `the owner of ${name} serves no others for now`, init)]
  const findings: Finding[] = []
  const models = card?.models ?? []
  if (models.length === 0) findings.push(found('peer.no-models', `${name} offers no model`, init))
  else if (model !== undefined && !models.some((each) => sameModel(each, model))) {
    const some = models.slice(0, 3).join(', ')
    findings.push(found('peer.lacks-model', `${name} has no ${model}; it has ${some}`, init))
  }
  if (breaker === 'open') findings.push(found('peer.failing', `queries to ${name} failed: none is sent for now`, init))
  if (load === undefined) findings.push(found('peer.silent', `${name} has said nothing of its load lately`, init))
  else if (load.slots > 0 && load.running >= load.slots) {
    findings.push(found('peer.full', `${name} runs ${load.running} of ${load.slots}, ${load.queued} wait`, init))
  }
  return findings
}

/** For programs: all but what the cause says anyway. */
function shown({ protocols: _, network: __, name: ___, ...rest }: PeerFacts): Readonly<Record<string, unknown>> {
  return { ...rest }
}
