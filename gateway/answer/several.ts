/**
 * One request that is several queries: `n` answers, or a list of prompts. They run side by side, each where a place is
 * free, and their events come as one stream that says which choice each belongs to.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { QUERY_ID } from '../../core/query/query.ts'
import type { EndEvent, QueryEvent, Usage } from '../../core/query/query-event.ts'
import { type LinkedAbort, linkedAbort } from '../../core/run/linked-abort.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import type { AskedFields } from './ignored-fields.ts'
import { type Asked, type Submitted, submission } from './submit.ts'

/** Choices of one request: what OpenAI allows. */
export const MAX_CHOICES = 128

/** Queries of one request that run at once: the others of the user and of the realm want their turns too. */
export const MAX_CHOICES_AT_ONCE = 8

/** An event of one of several choices. */
export type OfChoice<E extends QueryEvent> = E & {
  /** @default 0 */
  readonly choice?: number
  /** At an end: whether other choices have not ended. @default false */
  readonly more?: boolean
}

export type ChoiceEvent = OfChoice<QueryEvent>

/** Hands all of `asked` to the node; `fields` as in `submit`. The first is refused at once, or none is. */
export function submitSeveral(
  context: GatewayContext,
  request: FastifyRequest,
  reply: FastifyReply,
  asked: readonly Asked[],
  fields: AskedFields,
): Submitted {
  const { submit, ...rest } = submission(context, request, reply, fields)
  if (asked.length === 1) return { ...rest, accepted: submit(asked[0], rest.signal) }
  const life = linkedAbort(rest.signal)
  const first = submit(asked[0], life.signal)
  const run = (choice: number): AsyncIterable<QueryEvent> => {
    if (choice === 0) return first.events
    const id = rest.idGiven === undefined ? undefined : `${rest.idGiven}.${choice}`
    return submit(asked[choice], life.signal, id !== undefined && QUERY_ID.test(id) ? id : undefined).events
  }
  return { ...rest, accepted: { id: first.id, events: merged(run, asked, life) } }
}

/** What is still to come of a choice. */
type Coming = Promise<{ readonly choice: number; readonly result: IteratorResult<QueryEvent> }>

/** The events of all choices, in the order in which they come. The first error ends them all, and so their `life`. */
async function* merged(
  run: (choice: number) => AsyncIterable<QueryEvent>,
  asked: readonly Asked[],
  life: LinkedAbort,
): AsyncGenerator<ChoiceEvent> {
  const sources = new Map<number, AsyncIterator<QueryEvent>>()
  const coming = new Map<number, Coming>()
  const usage = new UsageOfAll(asked)
  let begun = 0
  let started = false
  const pull = (choice: number, source: AsyncIterator<QueryEvent>): void => {
    const next = source.next().then((result) => ({ choice, result }))
    // What fails once nobody waits any more has been told, or is wanted by none.
    next.catch(() => {})
    coming.set(choice, next)
  }
  try {
    for (;;) {
      while (begun < asked.length && sources.size < MAX_CHOICES_AT_ONCE) {
        const source = run(begun)[Symbol.asyncIterator]()
        sources.set(begun, source)
        pull(begun, source)
        begun += 1
      }
      const { choice, result } = await Promise.race(coming.values())
      const source = sources.get(choice)
      if (source === undefined || result.done === true) {
        sources.delete(choice)
        coming.delete(choice)
        if (sources.size === 0 && begun === asked.length) return
        continue
      }
      const event = result.value
      pull(choice, source)
      if (event.kind === 'queued' || event.kind === 'progress' || (event.kind === 'start' && started)) continue
      started ||= event.kind === 'start'
      yield event.kind === 'end' ? { ...usage.add(event, choice), choice } : { ...event, choice }
    }
  } finally {
    // Those that wait hear of it by their signal alone: they return only with what they wait for.
    life.abort()
    life.release()
    await Promise.allSettled([...sources.values()].map((source) => source.return?.()))
  }
}

/** Adds up what the choices used; a prompt of several choices counts once, as OpenAI has it. */
class UsageOfAll {
  readonly #asked: readonly Asked[]
  readonly #prompts = new Map<unknown, number>()
  #completionTokens = 0
  #left: number

  constructor(asked: readonly Asked[]) {
    this.#asked = asked
    this.#left = asked.length
  }

  /** The end of a choice; that of the last one holds the usage of all. */
  add(event: EndEvent, choice: number): OfChoice<EndEvent> {
    this.#left -= 1
    const { promptTokens = 0, completionTokens = 0 } = event.usage ?? {}
    this.#completionTokens += completionTokens
    this.#prompts.set(promptOf(this.#asked[choice]), promptTokens)
    if (this.#left > 0) return { ...event, more: true }
    const usage: Usage = {
      promptTokens: [...this.#prompts.values()].reduce((sum, tokens) => sum + tokens, 0),
      completionTokens: this.#completionTokens,
    }
    return { ...event, usage }
  }
}

/** Choices of the same prompt share it. */
function promptOf(asked: Asked | undefined): unknown {
  if (asked?.type !== 'chat') return asked
  return asked.body.raw ?? asked.body.messages
}
