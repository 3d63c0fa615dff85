/**
 * One request that is several queries: `n` answers, or a list of prompts. They run side by side, each where a place is
 * free, and their events come as one stream that says which choice each belongs to.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { defined } from '../../core/defined.ts'
import { QUERY_ID } from '../../core/query/query.ts'
import type { EndEvent, QueryEvent, StartEvent, Usage } from '../../core/query/query-event.ts'
import { type LinkedAbort, linkedAbort } from '../../core/run/linked-abort.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import { type AskedFields, MAX_IGNORED_NAMES } from './ignored-fields.ts'
import { type Asked, type Submission, type Submitted, submission } from './submit.ts'
import { isWait } from './waiting.ts'

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
  return several(submission(context, request, reply, fields), asked)
}

/** Hands all of `asked` to the node by `submit`, under `idGiven` where there is one. */
export function several<S extends Pick<Submission, 'idGiven' | 'signal' | 'submit' | 'ignored'>>(
  { submit, ...rest }: S,
  asked: readonly Asked[],
): Omit<S, 'submit'> & Pick<Submitted, 'accepted'> {
  if (asked.length === 1) return { ...rest, accepted: submit(asked[0], rest.signal) }
  const life = linkedAbort(rest.signal)
  const first = submit(asked[0], life.signal)
  const run = (choice: number): AsyncIterable<QueryEvent> => {
    if (choice === 0) return first.events
    const id = rest.idGiven === undefined ? undefined : `${rest.idGiven}.${choice}`
    return submit(asked[choice], life.signal, id !== undefined && QUERY_ID.test(id) ? id : undefined).events
  }
  const ignored = new IgnoredOfAll(rest.ignored)
  const events = merged(run, asked, life, ignored)
  return { ...rest, ignored: ignored.names, accepted: { id: first.id, events } }
}

/** What is still to come of a choice. */
type Coming = Promise<{ readonly choice: number; readonly result: IteratorResult<QueryEvent> }>

/**
 * The events of all choices, in the order in which they come; of their starts the first, and those whose engine leaves
 * out more. The first error ends them all, and so their `life`.
 */
async function* merged(
  run: (choice: number) => AsyncIterable<QueryEvent>,
  asked: readonly Asked[],
  life: LinkedAbort,
  ignored: IgnoredOfAll,
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
      // One place in one queue is told: that of the first choice.
      if (isWait(event) && (choice > 0 || started)) continue
      if (event.kind === 'start') {
        const more = ignored.add(event)
        if (started && !more) continue
        started = true
      }
      yield event.kind === 'end' ? { ...usage.add(event, choice), choice } : { ...event, choice }
    }
  } finally {
    // Those that wait hear of it by their signal alone: they return only with what they wait for.
    life.abort()
    life.release()
    await Promise.allSettled([...sources.values()].map((source) => source.return?.()))
  }
}

/** The fields that the engine of any choice leaves out, as far as choices have begun. */
class IgnoredOfAll {
  readonly #of: Submitted['ignored']
  readonly #names = new Set<string>()

  constructor(of: Submitted['ignored']) {
    this.#of = of
  }

  /** Whether the engine of `start` leaves out what none before it did. */
  add(start: StartEvent): boolean {
    const before = this.#names.size
    for (const name of this.#of(start)) this.#names.add(name)
    return this.#names.size > before
  }

  readonly names: Submitted['ignored'] = (start) => {
    return start === undefined ? this.#of(start) : [...this.#names].slice(0, MAX_IGNORED_NAMES)
  }
}

/** Adds up what the choices used; a prompt of several choices counts once, as OpenAI has it. */
class UsageOfAll {
  readonly #asked: readonly Asked[]
  readonly #all: Usage[] = []
  readonly #ofPrompts = new Map<unknown, Usage>()
  #left: number

  constructor(asked: readonly Asked[]) {
    this.#asked = asked
    this.#left = asked.length
  }

  /** The end of a choice; that of the last one holds the usage of all. */
  add(event: EndEvent, choice: number): OfChoice<EndEvent> {
    this.#left -= 1
    const prompt = promptOf(this.#asked[choice])
    if (event.usage !== undefined) {
      this.#all.push(event.usage)
      if (!this.#ofPrompts.has(prompt)) this.#ofPrompts.set(prompt, event.usage)
    }
    if (this.#left > 0) return { ...event, more: true }
    const prompts = [...this.#ofPrompts.values()]
    const usage: Usage = {
      promptTokens: sum(prompts, 'promptTokens') ?? 0,
      completionTokens: sum(this.#all, 'completionTokens') ?? 0,
      ...defined({
        cachedTokens: sum(prompts, 'cachedTokens'),
        reasoningTokens: sum(this.#all, 'reasoningTokens'),
      }),
    }
    return { ...event, usage }
  }
}

/** Undefined where nobody told it. */
function sum(usages: readonly Usage[], of: keyof Usage): number | undefined {
  const told = usages.map((usage) => usage[of]).filter((tokens) => tokens !== undefined)
  return told.length === 0 ? undefined : told.reduce((all, tokens) => all + tokens, 0)
}

/** Choices of the same prompt share it. */
function promptOf(asked: Asked | undefined): unknown {
  if (asked?.type !== 'chat') return asked
  return asked.body.raw ?? asked.body.messages
}
