/**
 * Which fields of a request the engine that serves does not take: named in the answer's head, never dropped silently.
 */
import { ENGINE_KINDS, type EngineKind } from '../../core/model/engine-kind.ts'
import { fateOf } from '../../core/model/request-fields.ts'
import type { StartEvent } from '../../core/query/query-event.ts'

/** Names in one header: clients send a dozen fields, a header has its limits. */
export const MAX_IGNORED_NAMES = 32

/** The fields of `asked` that the engine of `start` leaves out. `ownNode`: the peer id of this node. */
export function ignoredBy(
  { engine, node }: Pick<StartEvent, 'engine' | 'node'>,
  asked: readonly string[],
  ownNode: () => string,
): readonly string[] {
  // A kind that only a newer node knows: nothing is known of it.
  if (asked.length === 0 || !isKind(engine)) return []
  const here = node === ownNode()
  return asked.filter((field) => fateOf(field, engine, here) === 'ignored').slice(0, MAX_IGNORED_NAMES)
}

function isKind(text: string): text is EngineKind {
  return Object.hasOwn(ENGINE_KINDS, text)
}
