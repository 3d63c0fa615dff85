/** Cuts a real answer at random tokens and has a real engine go on with it, as a node does when a rig dies. */
import type { ChatQuery } from '../../../core/query/query.ts'
import type { EndEvent, QueryEvent } from '../../../core/query/query-event.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { Engine } from '../../../engines/adapter/engine.ts'
import { Continuation } from '../../../node/query/continuation.ts'
import { collect, textOf } from '../collect.ts'
import { seededRandom } from '../seeded-random.ts'

export interface CutInit {
  readonly query: ChatQuery
  readonly cuts: number
  /** Gives the answer that is cut. */
  readonly from: Engine
  /** Goes on with it. */
  readonly at: Engine
  /** The model's name there. @default the query's */
  readonly model?: string
}

export interface Joined {
  /** What the client had, and what came behind it. */
  readonly before: string
  readonly behind: string
  readonly end: EndEvent
}

export interface CutResult {
  readonly whole: { readonly text: string; readonly end: EndEvent }
  readonly joined: readonly Joined[]
}

export async function cutAnswer({ query, cuts, from, at, model = query.model }: CutInit): Promise<CutResult> {
  const { signal } = new AbortController()
  const random = seededRandom(11)
  const whole = await collect(from.run(query, { signal }))
  const pieces = whole.filter((event) => event.kind === 'text')
  const joined: Joined[] = []
  for (let i = 0; i < cuts; i += 1) {
    const continuation = new Continuation(query)
    const pass = (event: QueryEvent): readonly QueryEvent[] => [continuation.pass(event) ?? []].flat()
    const before = pieces.slice(0, 1 + Math.floor(random() * (pieces.length - 1))).flatMap(pass)
    const rest = continuation.rest(new RealmeshError('PEER_LOST', 'gone'), model)
    const behind = (await collect(at.run(rest, { signal }))).flatMap(pass)
    joined.push({ before: textOf(before), behind: textOf(behind), end: endOf(behind) })
  }
  return { whole: { text: textOf(whole), end: endOf(whole) }, joined }
}

/** Answers whose seam can be seen: a space or line feed too many, or the answer begun anew. */
export function oddSeams({ joined, whole }: CutResult): readonly Joined[] {
  const first = whole.text.slice(0, 20)
  return joined.filter(({ before, behind }) => {
    const seam = before.slice(-3) + behind.slice(0, 3)
    return / {2}|\n{3}/.test(seam) || (before.length > first.length && behind.trimStart().startsWith(first))
  })
}

/** Answers that are not, byte for byte, the one that was not cut. */
export function different({ joined, whole }: CutResult): readonly Joined[] {
  return joined.filter(({ before, behind }) => before + behind !== whole.text)
}

function endOf(events: readonly QueryEvent[]): EndEvent {
  const end = events.at(-1)
  if (end?.kind !== 'end') throw new TypeError('the last event is no end')
  return end
}
