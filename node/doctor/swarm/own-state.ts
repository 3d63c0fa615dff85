/** How this node stands among others: its clock, its identity, whom it serves. Pure. */
import type { Finding } from '../../../core/model/finding.ts'
import type { Scope } from '../../../core/scope.ts'
import { found } from '../codes/found.ts'
import type { ReadClocks } from './swarm-readings.ts'

export function judgeClocks({ heard, skews }: ReadClocks): readonly Finding[] {
  if (heard === 0) return [found('clock.unknown', 'no peer has told its time yet')]
  const [first] = skews.values()
  if (first === undefined)
    return [found('clock.ok', `the clock agrees with ${heard} of ${heard} peers`, { facts: { heard } })]
  if (skews.size > 1 && skews.size === heard) {
    const facts = { heard, skewMs: Math.round(-first) }
    return [found('clock.wrong', `the clock here is ${span(-first)} those of all ${heard} peers`, { facts })]
  }
  return [...skews].map(([peer, ms]) => {
    return found('clock.peer-wrong', `the clock of peer …${peer.slice(-8)} is ${span(ms)} the one here`, {
      facts: { peer, skewMs: Math.round(ms) },
    })
  })
}

/** Such as `2 h ahead of`. */
export function span(skewMs: number): string {
  const way = skewMs > 0 ? 'ahead of' : 'behind'
  const seconds = Math.round(Math.abs(skewMs) / 1_000)
  if (seconds < 120) return `${seconds} s ${way}`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min ${way}`
  return `${Math.round(seconds / 3_600)} h ${way}`
}

/** `twins`: what was noticed of nodes with this node's identity. */
export function judgeIdentity(twins: readonly string[]): readonly Finding[] {
  if (twins.length === 0) return [found('identity.ok', 'no other node has the identity of this one')]
  return twins.map((line) => {
    const [cause = line, fix] = line.split(': its home')
    return found('identity.twin', cause, { fix: fix === undefined ? undefined : `its home${fix}` })
  })
}

export interface ServingFacts {
  readonly share: Scope
  /** Milliseconds that the owner's pause still lasts; 0 for none. */
  readonly pausedMs: number
  readonly draining: boolean
  /** Whether engines are here, beside the built-ins. */
  readonly hasEngines: boolean
}

export function judgeServing({ share, pausedMs, draining, hasEngines }: ServingFacts): readonly Finding[] {
  const findings: Finding[] = []
  if (draining) findings.push(found('serving.draining', 'this node takes no new query, of nobody'))
  if (pausedMs > 0) {
    const until = Number.isFinite(pausedMs) ? `for ${Math.ceil(pausedMs / 60_000)} min more` : 'until they resume'
    findings.push(found('serving.paused', `the owner serves no others ${until}`))
  }
  if (hasEngines && share === 'local') findings.push(found('serving.nobody', 'share is local: no other node is served'))
  return findings.length > 0 ? findings : [found('serving.ok', `shares with ${share}`, { facts: { share } })]
}
