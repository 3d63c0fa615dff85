/**
 * A dying rig does not cut an answer: what the client already has of a chat answer, and the query that asks another worker to go on right
 * behind its last character. Pure bookkeeping.
 */
import { isAutoModel } from '../../core/model/model-name.ts'
import type { ChatQuery } from '../../core/query/query.ts'
import type { EndEvent, QueryEvent } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'

/** How often one answer changes hands. Five deaths within one answer mean that something else is wrong. */
export const MAX_CONTINUATIONS = 5

/** Of ordinary text in the common vocabularies. */
const CHARACTERS_PER_TOKEN = 4

export class Continuation {
  readonly #query: ChatQuery
  readonly #parts: string[] = []
  #textEvents = 0
  #characters = 0
  #reasoned = false
  #calledTools = false
  #handovers = 0
  /** What the client had at the last change of hands. */
  #before = { tokens: 0, reasoned: false }

  constructor(query: ChatQuery) {
    this.#query = query
  }

  /** What the client gets of an event: no second start, no thinking that it has already, and the usage of the whole answer. */
  pass(event: QueryEvent): QueryEvent | undefined {
    if (event.kind === 'end') return withWholeUsage(event, this.#before.tokens)
    if (this.#handovers > 0 && this.#isSeam(event)) return undefined
    this.#saw(event)
    return event
  }

  /**
   * The query that asks for the rest after `error`: same model, the text so far as the start of the answer, fewer tokens to go. Throws
   * `error` while the client has nothing, and `ANSWER_CUT` when no worker can go on.
   */
  rest(error: RealmeshError, modelServed: string | undefined): ChatQuery {
    if (this.#textEvents === 0 && !this.#reasoned && !this.#calledTools) throw error
    const model = modelServed ?? (isAutoModel(this.#query.model) ? undefined : this.#query.model)
    const hopeless = !error.retryable || this.#handovers >= MAX_CONTINUATIONS || this.#cannotGoOn
    if (hopeless || model === undefined) throw this.#cut(error)
    this.#handovers += 1
    this.#before = { tokens: this.#tokens, reasoned: this.#reasoned }
    return this.#remainder(model)
  }

  /** Estimated tokens of the text that was sent: pieces may have been joined on the way, so its length counts too. */
  get #tokens(): number {
    return Math.max(this.#textEvents, Math.ceil(this.#characters / CHARACTERS_PER_TOKEN))
  }

  /** Half a tool call or half a structured answer is nothing that a model can go on with. */
  get #cannotGoOn(): boolean {
    const format = this.#query.body.responseFormat?.type ?? 'text'
    return this.#calledTools || (this.#textEvents > 0 && format !== 'text')
  }

  #isSeam({ kind }: QueryEvent): boolean {
    return kind === 'start' || kind === 'queued' || (kind === 'reasoning' && this.#before.reasoned)
  }

  #saw(event: QueryEvent): void {
    if (event.kind === 'text') {
      this.#parts.push(event.text)
      this.#textEvents += 1
      this.#characters += event.text.length
    } else if (event.kind === 'reasoning') this.#reasoned = true
    else if (event.kind === 'toolCall') this.#calledTools = true
  }

  #remainder(model: string): ChatQuery {
    const { body } = this.#query
    if (this.#textEvents === 0) return { ...this.#query, model }
    const { maxTokens } = body.sampling ?? {}
    return {
      ...this.#query,
      model,
      body: {
        ...body,
        prefill: (body.prefill ?? '') + this.#parts.join(''),
        think: false,
        ...(maxTokens === undefined
          ? {}
          : { sampling: { ...body.sampling, maxTokens: Math.max(1, maxTokens - this.#tokens) } }),
      },
    }
  }

  #cut(cause: RealmeshError): RealmeshError {
    return new RealmeshError(
      'ANSWER_CUT',
      `the answer broke after ${this.#characters} characters and could not be continued: ${cause.message}`,
      { cause, fix: 'ask again; a second node with the same model lets an answer survive' },
    )
  }
}

/** The last worker counted the text before it, an estimated `sentBefore` tokens, as prompt; in the whole answer it counts as written. */
function withWholeUsage(event: EndEvent, sentBefore: number): EndEvent {
  if (sentBefore === 0 || event.usage === undefined) return event
  return {
    ...event,
    usage: {
      promptTokens: Math.max(0, event.usage.promptTokens - sentBefore),
      completionTokens: event.usage.completionTokens + sentBefore,
    },
  }
}
