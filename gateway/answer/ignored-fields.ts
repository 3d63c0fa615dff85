/**
 * Which fields of a request the engine that serves does not take: named in the answer's head, never dropped silently.
 */
import { ENGINE_KINDS, type EngineKind } from '../../core/model/engine-kind.ts'
import { fateOf } from '../../core/model/request-fields.ts'
import type { StartEvent } from '../../core/query/query-event.ts'

/** Names in one header: clients send a dozen fields, a header has its limits. */
export const MAX_IGNORED_NAMES = 32

/** Means nothing to a model that does not think, whichever engine it runs on. */
const EFFORT_FIELDS: ReadonlySet<string> = new Set([
  ...['reasoning_effort', 'reasoning.effort', 'think'],
  ...['thinking', 'thinking.budget_tokens', 'output_config.effort'],
])

/** The fields of a request in which the client says something. */
export interface AskedFields {
  /** Those that go into the query: the engine decides. */
  readonly carried: readonly string[]
  /** Those that no engine gets from here. */
  readonly dropped: readonly string[]
}

/** What must be known of the node for it. */
export interface IgnoredComponents {
  /** The peer id of this node. */
  readonly ownNode: string
  /** Whether the model can think before it answers. */
  readonly reasons: (model: string) => boolean
}

/** The fields of `asked` that have no effect at the engine of `start`; before one is known, those that none gets. */
export function ignoredBy(
  start: Pick<StartEvent, 'engine' | 'node' | 'model'> | undefined,
  { carried, dropped }: AskedFields,
  { ownNode, reasons }: IgnoredComponents,
): readonly string[] {
  if (carried.length + dropped.length === 0) return []
  if (start === undefined) return dropped.slice(0, MAX_IGNORED_NAMES)
  const { engine, node, model } = start
  const here = node === ownNode
  // Asked once, and only where it matters: the answer may cost a look at all models.
  const thinks = !carried.some((field) => EFFORT_FIELDS.has(field)) || reasons(model)
  const left = carried.filter((field) => {
    if (!thinks && EFFORT_FIELDS.has(field)) return true
    // A kind that only a newer node knows: nothing is known of it.
    return isKind(engine) && fateOf(field, engine, here) === 'ignored'
  })
  return [...left, ...dropped].slice(0, MAX_IGNORED_NAMES)
}

function isKind(text: string): text is EngineKind {
  return Object.hasOwn(ENGINE_KINDS, text)
}
