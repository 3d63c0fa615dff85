/** How this node stands with all nodes that are connected, and a test query to the nearest of those that serve it. */
import type { Finding } from '../../../core/model/finding.ts'
import type { Card } from '../../../protocols/card/card.ts'
import { found } from '../codes/found.ts'
import { judgePeer, type PeerFacts } from './peer-facts.ts'
import type { TestedPeer } from './test-query.ts'

/** Whether the peer is expected to serve: strangers are not, nor is a laptop without engines. */
function isExpected({ relation, card, load }: PeerFacts): boolean {
  // While it is paused there is no model on its card.
  return relation !== 'stranger' && card !== undefined && (card.models.length > 0 || load?.paused === true)
}

/** `connected`: nodes of this network. Pure. */
export function judgePeers(connected: readonly PeerFacts[]): readonly Finding[] {
  if (connected.length === 0) return [found('peers.none', 'no other node is connected')]
  const judged = connected.map((facts) => ({ facts, findings: judgePeer(facts) }))
  const serving = judged.filter(({ findings }) => findings.every(({ state }) => state !== 'fail'))
  const own = connected.filter(({ relation }) => relation === 'home').length
  const counts = { connected: connected.length, own, serving: serving.length }
  const all = found('peers.ok', `${counts.connected} connected, ${own} yours; ${counts.serving} serve this node`, {
    facts: { ...counts, peers: judged.map(({ facts, findings }) => [facts.id, findings.map(({ code }) => code)]) },
  })
  const troubles = judged
    .filter(({ facts }) => isExpected(facts))
    .flatMap(({ facts, findings }) =>
      findings.filter(({ state }) => state === 'fail').map((each) => troubleOf(facts, each)),
    )
  return [all, ...troubles]
}

function troubleOf({ id }: PeerFacts, { code, cause, fix }: Finding): Finding {
  return found('peers.not-served', cause, { fix, facts: { peer: id, code } })
}

/** Where a test query goes: a chat model of the card. Undefined: it has none. Pure. */
export function testedPeer(
  { id, name, scope }: PeerFacts,
  card: Pick<Card, 'models'> | undefined,
  wanted?: string,
): TestedPeer | undefined {
  const chats = card?.models.filter(({ model }) => model.types.includes('chat')) ?? []
  const one = chats.find(({ model }) => model.name === wanted) ?? chats[0]
  return one === undefined ? undefined : { id, name, scope, realm: one.realm, model: one.model.name }
}

/** Peers that should answer, the nearest first. Pure. */
export function serversOf(connected: readonly PeerFacts[]): readonly PeerFacts[] {
  const rtt = ({ connection }: PeerFacts): number => connection?.rttMs ?? Number.POSITIVE_INFINITY
  return connected
    .filter((facts) => judgePeer(facts).every(({ code, state }) => state !== 'fail' && code !== 'peer.full'))
    .toSorted((one, other) => (rtt(one) === rtt(other) ? 0 : rtt(one) - rtt(other)))
}
