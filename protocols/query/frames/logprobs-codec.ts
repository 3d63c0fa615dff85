/** Probabilities of tokens on the wire, in groups so small that an event stays within its frame. */
import { LEAST_LOGPROB, type LikelyToken, logprobOf, type TokenLogprob } from '../../../core/query/logprobs.ts'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import type { WireCandidate, WireEvent, WireLogprobs } from './messages.ts'

/** Tokens that one event tells of: with twenty alternatives each it has 45 KiB at worst. */
export const MAX_LOGPROBS_PER_EVENT = 4

/** Longest token, in UTF-16 units and in bytes: words, and runs of white space. */
const MAX_TOKEN_LENGTH = 128

/** UTF-8 needs at most three bytes per UTF-16 unit; the rest are tags, lengths and the number. */
const BYTES_PER_UNIT = 3
const CANDIDATE_OVERHEAD = 24

/** The groups of a piece, each with about how many bytes it takes, never less. */
export function wireLogprobs(
  logprobs: readonly TokenLogprob[],
): { readonly wire: Pick<WireEvent, 'logprobs'>; readonly bytes: number }[] {
  const groups = []
  for (let at = 0; at < logprobs.length; at += MAX_LOGPROBS_PER_EVENT) {
    const tokens = logprobs
      .slice(at, at + MAX_LOGPROBS_PER_EVENT)
      .map((token) => ({ chosen: wireCandidate(token), top: token.top.map(wireCandidate) }))
    const bytes = tokens.reduce((sum, { chosen, top }) => sum + bytesOf(chosen) + top.reduce(addBytes, 0), 0)
    groups.push({ wire: { logprobs: { tokens } }, bytes })
  }
  return groups
}

/** The piece with what the wire tells of its tokens. */
export function withLogprobs(event: QueryEvent, wire: WireLogprobs | undefined): QueryEvent {
  if (wire === undefined || event.kind !== 'text') return event
  const logprobs = wire.tokens.map(({ chosen, top }) => ({ ...candidateOf(chosen), top: top.map(candidateOf) }))
  return { ...event, logprobs }
}

function wireCandidate({ token, logprob, bytes }: LikelyToken): WireCandidate {
  const wire: WireCandidate = { token: token.slice(0, MAX_TOKEN_LENGTH), logprob }
  if (bytes !== undefined && bytes.length <= MAX_TOKEN_LENGTH) wire.bytes = Uint8Array.from(bytes)
  return wire
}

function candidateOf(wire: WireCandidate | undefined): LikelyToken {
  if (wire === undefined) return { token: '', logprob: LEAST_LOGPROB }
  return {
    token: wire.token.slice(0, MAX_TOKEN_LENGTH),
    logprob: logprobOf(wire.logprob),
    ...(wire.bytes === undefined ? {} : { bytes: [...wire.bytes.subarray(0, MAX_TOKEN_LENGTH)] }),
  }
}

function bytesOf({ token, bytes }: WireCandidate): number {
  return token.length * BYTES_PER_UNIT + (bytes?.byteLength ?? 0) + CANDIDATE_OVERHEAD
}

function addBytes(sum: number, candidate: WireCandidate): number {
  return sum + bytesOf(candidate)
}
