/**
 * A dying rig does not cut an answer: what the client already has of a chat answer, and the query that asks another
 * worker to go on right behind its last character. Pure bookkeeping.
 */
import { defined } from '../../core/defined.ts'
import { isAutoModel } from '../../core/model/model-name.ts'
import { MAX_PREFILL_LENGTH } from '../../core/query/prompt-size.ts'
import type { ChatQuery } from '../../core/query/query.ts'
import { type EndEvent, isContent, type QueryEvent, type TextEvent, textPiece } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'

/** How often one answer changes hands. Five deaths within one answer mean that something else is wrong. */
export const MAX_CONTINUATIONS = 5

const NOTHING = { kind: 'text', text: '', tokens: 0 } as const

/** White space at a seam that is held back; what comes behind so much of it belongs to no word. */
const MAX_HELD_LENGTH = 4_096

export class Continuation {
  readonly #query: ChatQuery
  /** What the client has, as long as another worker could go on with it, and how much it is and was. */
  #text = ''
  #length = 0
  #textTokens = 0
  /**
   * As much of it as another worker is given: up to the last character that can be seen, with the tokens up to there.
   */
  #solid = { length: 0, tokens: 0 }
  #thoughtTokens = 0
  #reasoned = false
  #calledTools = false
  #handovers = 0
  #takenUp = false
  /** What broke the answer last while it came; how the tries to go on with it failed says less. */
  #broke: RealmeshError | undefined
  /** Whether the worker of now has added to the answer. */
  #grown = false
  /** What the client had at the last change of hands. */
  #before = { given: 0, written: 0, thought: 0, reasoned: false }
  /** White space that the client has already and the next worker will write again. */
  #owed = ''
  /**
   * What the next worker began with, while that is white space only: it is held back until it is known what follows.
   */
  #held: TextEvent & { readonly tokens: number } = NOTHING

  constructor(query: ChatQuery) {
    this.#query = query
  }

  /**
   * What the client gets of an event: no second start, no thinking that it has already, no space twice, and the usage
   * of the whole answer.
   */
  pass(event: QueryEvent): QueryEvent | undefined {
    if (event.kind === 'end') return this.#withWholeUsage(event)
    if (this.#handovers > 0 && this.#isSeam(event)) return undefined
    const passed = event.kind === 'text' && this.#owed !== '' ? this.#joined(event) : event
    if (passed !== undefined) this.#saw(passed)
    return passed
  }

  /**
   * The query that asks for the rest after `error`: same model, the text so far as the start of the answer, fewer
   * tokens to go. Throws `error` while the client has nothing, and `ANSWER_CUT` when no worker can go on.
   */
  rest(error: RealmeshError, modelServed: string | undefined): ChatQuery {
    if (this.#length === 0 && !this.#reasoned && !this.#calledTools) throw error
    const model = modelServed ?? (isAutoModel(this.#query.model) ? undefined : this.#query.model)
    if (this.#grown) this.#broke = error
    // A worker that has begun may have failed for itself alone, whatever it says; where none can begin, there is no
    // use.
    const refused = !error.retryable && !this.#grown
    const hopeless = refused || error.code === 'CANCELLED' || this.#handovers >= MAX_CONTINUATIONS || this.#cannotGoOn
    if (hopeless || model === undefined) throw this.#cut(this.#broke ?? error)
    this.#handovers += 1
    this.#takenUp = false
    return this.#remainder(model)
  }

  /**
   * The query that asks for the rest of an answer of which `answered` came in an earlier run, until `error`. Throws
   * `ANSWER_CUT` when no worker can go on.
   */
  takeUp(answered: readonly QueryEvent[], error: RealmeshError): ChatQuery {
    let model: string | undefined
    for (const event of answered) {
      if (event.kind === 'start') model = event.model
      else this.#saw(event)
    }
    const rest = this.rest(error, model)
    this.#takenUp = true
    return rest
  }

  /** Whether an earlier run began the answer, and nothing has come of this one: another may be tried as well. */
  get waitsForRest(): boolean {
    return this.#takenUp && !this.#grown
  }

  /** Half a tool call or half a structured answer is nothing that a model can go on with, nor is one without end. */
  get #cannotGoOn(): boolean {
    const format = this.#query.body.responseFormat?.type ?? 'text'
    return this.#calledTools || this.#isTooLong || (this.#length > 0 && format !== 'text')
  }

  get #isTooLong(): boolean {
    return this.#length + (this.#query.body.prefill?.length ?? 0) > MAX_PREFILL_LENGTH
  }

  #isSeam({ kind }: QueryEvent): boolean {
    return kind === 'start' || kind === 'queued' || (kind === 'reasoning' && this.#before.reasoned)
  }

  #saw(event: QueryEvent): void {
    this.#grown ||= isContent(event)
    if (event.kind === 'text') {
      this.#length += event.text.length
      this.#text = this.#isTooLong ? '' : this.#text + event.text
      this.#textTokens += event.tokens ?? 1
      const { length } = event.text.trimEnd()
      if (length > 0) {
        this.#solid = { length: this.#length - event.text.length + length, tokens: this.#textTokens }
      }
    } else if (event.kind === 'reasoning') {
      this.#reasoned = true
      this.#thoughtTokens += event.tokens ?? 1
    } else if (event.kind === 'toolCall') this.#calledTools = true
  }

  /**
   * The first text of the next worker, behind the space that the client has. Models write the space before a word as
   * part of it, and line feeds as they fall: a start that ends in space is continued otherwise than it was written, so
   * it is handed over without.
   */
  #joined(event: TextEvent): QueryEvent | undefined {
    const text = this.#held.text + event.text
    const tokens = this.#held.tokens + (event.tokens ?? 1)
    const seen = text.trimStart()
    const logprobs = [...(this.#held.logprobs ?? []), ...(event.logprobs ?? [])]
    const told = logprobs.length > 0 ? { logprobs } : {}
    this.#held = { kind: 'text', text, tokens, ...told }
    if (seen === '' && text.length <= MAX_HELD_LENGTH) return undefined
    const owed = this.#owed
    this.#owed = ''
    const space = text.slice(0, text.length - seen.length)
    const joined = space.startsWith(owed) ? text.slice(owed.length) : seen
    return { ...textPiece('text', joined, tokens), ...told }
  }

  #remainder(model: string): ChatQuery {
    this.#grown = false
    const { body } = this.#query
    const { length, tokens } = this.#solid
    const written = length === 0 ? 0 : tokens + this.#thoughtTokens
    this.#before = { given: tokens, written, thought: this.#thoughtTokens, reasoned: this.#reasoned }
    this.#textTokens = tokens
    this.#owed = this.#text.slice(length)
    this.#held = NOTHING
    if (length === 0) return { ...this.#query, model }
    const { maxTokens } = body.sampling ?? {}
    return {
      ...this.#query,
      model,
      body: {
        ...body,
        prefill: (body.prefill ?? '') + this.#text.slice(0, length),
        think: false,
        ...(maxTokens === undefined
          ? {}
          : { sampling: { ...body.sampling, maxTokens: Math.max(1, maxTokens - written) } }),
      },
    }
  }

  /** The last worker counted the text before it as prompt; in the whole answer it counts as written. */
  #withWholeUsage(event: EndEvent): EndEvent {
    const { given, written, thought } = this.#before
    if (written === 0 || event.usage === undefined) return event
    const { cachedTokens, reasoningTokens } = event.usage
    const promptTokens = Math.max(0, event.usage.promptTokens - given)
    return {
      ...event,
      usage: {
        promptTokens,
        completionTokens: event.usage.completionTokens + written,
        ...defined({
          cachedTokens: cachedTokens === undefined ? undefined : Math.min(cachedTokens, promptTokens),
          reasoningTokens: reasoningTokens === undefined ? undefined : reasoningTokens + thought,
        }),
      },
    }
  }

  #cut(cause: RealmeshError): RealmeshError {
    return new RealmeshError(
      'ANSWER_CUT',
      `the answer broke after ${this.#length} characters and could not be continued: ${cause.message}`,
      { cause, fix: 'ask again; a second node with the same model lets an answer survive' },
    )
  }
}
