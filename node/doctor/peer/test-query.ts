/** A query of one token to a peer and back: what all other checks only make likely. */
import { randomUUID } from 'node:crypto'
import type { Finding } from '../../../core/model/finding.ts'
import type { ChatQuery } from '../../../core/query/query.ts'
import { type ErrorCode, toRealmeshError } from '../../../core/realmesh-error.ts'
import type { CancelSignal } from '../../../core/run/cancel-signal.ts'
import type { Clock } from '../../../core/run/clock.ts'
import type { RunQuery } from '../../../core/run/run-query.ts'
import { withinLimit } from '../../../core/run/within-limit.ts'
import type { Scope } from '../../../core/scope.ts'
import { type FindingCode, found } from '../codes/found.ts'

/** A model that is loaded answers within a second or two; one that is not need not be waited for. */
const ANSWER_MS = 8_000

/** Where the query goes. */
export interface TestedPeer {
  readonly id: string
  /** What people call it. */
  readonly name: string
  readonly realm: string
  readonly model: string
  readonly scope: Scope
}

export interface TestResult {
  readonly tookMs: number
  /** How it failed; absent where an answer came. */
  readonly code?: ErrorCode
  readonly message?: string
  readonly fix?: string | undefined
}

/** Never rejects. Leaves the query as soon as the first piece of an answer is there. */
export async function askPeer(
  peer: TestedPeer,
  { run, clock, signal }: { readonly run: RunQuery; readonly clock: Clock; readonly signal: CancelSignal },
): Promise<TestResult> {
  const began = clock.monotonic()
  const took = (): number => Math.round(clock.monotonic() - began)
  try {
    await withinLimit(
      signal,
      ANSWER_MS,
      'no answer',
      (limited) => firstPiece(run(testQuery(peer), { signal: limited })),
      clock,
    )
    return { tookMs: took() }
  } catch (thrown) {
    const { code, message, fix } = toRealmeshError(thrown)
    return { tookMs: took(), code, message, fix }
  }
}

async function firstPiece(events: ReturnType<RunQuery>): Promise<void> {
  for await (const { kind } of events) if (kind !== 'queued' && kind !== 'start') return
}

function testQuery({ realm, model, scope }: TestedPeer): ChatQuery {
  return {
    id: randomUUID(),
    type: 'chat',
    realm,
    model,
    scope,
    hopsLeft: 0,
    user: 'doctor',
    body: { messages: [{ role: 'user', content: 'Say: ok' }], sampling: { maxTokens: 1 }, think: false },
  }
}

/** What a refusal says of its peer. */
const OF_REFUSAL: Partial<Readonly<Record<ErrorCode, FindingCode>>> = {
  SHARE_REFUSED: 'peer.not-shared',
  DRAINING: 'peer.draining',
  REALM_OVERLOADED: 'peer.full',
  ENGINE_BUSY: 'peer.full',
  PROTOCOL_ERROR: 'peer.other-protocol',
  TIMEOUT: 'query.slow',
}

/** `whole`: about the node as a whole, not about that peer alone. Pure. */
export function judgeAnswer(peer: TestedPeer, { tookMs, code, message, fix }: TestResult, whole: boolean): Finding {
  const facts = { peer: peer.id, model: peer.model, tookMs, ...(code !== undefined && { error: code }) }
  if (code === undefined)
    return found('query.ok', `${peer.name} answered with ${peer.model} in ${tookMs} ms`, { facts })
  if (code === 'TIMEOUT')
    return found('query.slow', `${peer.name} did not answer within ${ANSWER_MS / 1_000} s`, { facts })
  if (whole) return found('query.failed', `${peer.name}: ${message}`, { fix, facts })
  return found(OF_REFUSAL[code] ?? 'peer.refused', `${peer.name} refused a test query: ${message}`, { fix, facts })
}
