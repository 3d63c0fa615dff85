/**
 * Where a query belongs in its asker's own tracing: W3C Trace Context, <https://www.w3.org/TR/trace-context/>. Taken in
 * and handed on as it is: this node records no spans, so it is no parent of any.
 */

export interface TraceContext {
  /** `traceparent`: version, trace id, parent id and flags. */
  readonly parent: string
  /** `tracestate`, where there is one. */
  readonly state?: string
}

/** What the standard allows a later version to add behind the flags is not handed on. */
const PARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?=$|-)/
const PARENT_LENGTH = 55

/** Characters of a `tracestate`, and its members: what the standard wants to be handed on at least, and at most. */
const MAX_STATE_LENGTH = 512
const MAX_STATE_MEMBERS = 32
const MEMBER =
  /^[a-z0-9][a-z0-9_*/-]{0,240}(?:@[a-z][a-z0-9_*/-]{0,13})?=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/

/**
 * The context that the two headers tell; undefined where there is none that the standard knows. A state that is wrong
 * is left out alone, as the standard has it.
 */
export function traceContext(parent: unknown, state?: unknown): TraceContext | undefined {
  if (typeof parent !== 'string') return undefined
  const [, version] = PARENT.exec(parent) ?? []
  if (version === undefined || (version === '00' && parent.length !== PARENT_LENGTH)) return undefined
  const known = parent.slice(0, PARENT_LENGTH)
  return typeof state === 'string' && isState(state) ? { parent: known, state } : { parent: known }
}

/** The id that all of a trace share. */
export function traceIdOf({ parent }: TraceContext): string {
  return parent.slice(3, 35)
}

function isState(state: string): boolean {
  if (state === '' || state.length > MAX_STATE_LENGTH) return false
  const members = state.split(',').map((member) => member.trim())
  return members.length <= MAX_STATE_MEMBERS && members.every((member) => member === '' || MEMBER.test(member))
}
