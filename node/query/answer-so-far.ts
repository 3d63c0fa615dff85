/** What a client already has of a chat answer, and whether another worker can go on from there. Pure bookkeeping. */
import type { ChatQuery } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'

/** How a broken answer can be saved: unseen from the start, from the text so far, or not at all. */
export type Rescue = 'restart' | 'continue' | 'impossible'

/** Of ordinary text in the common vocabularies. */
const CHARACTERS_PER_TOKEN = 4

export class AnswerSoFar {
  readonly #query: ChatQuery
  readonly #parts: string[] = []
  #textEvents = 0
  #characters = 0
  #reasoned = false
  #calledTools = false

  constructor(query: ChatQuery) {
    this.#query = query
  }

  /** The answer's text that was sent, without the prefill that the client itself asked for. */
  get text(): string {
    return this.#parts.join('')
  }

  /** Estimated tokens of the text that was sent: pieces may have been joined on the way, so its length counts too. */
  get tokens(): number {
    return Math.max(this.#textEvents, Math.ceil(this.#characters / CHARACTERS_PER_TOKEN))
  }

  /** Whether thinking was sent: it is not sent a second time. */
  get reasoned(): boolean {
    return this.#reasoned
  }

  /** Whether the client has anything of the answer. */
  get begun(): boolean {
    return this.#textEvents > 0 || this.#reasoned || this.#calledTools
  }

  saw(event: QueryEvent): void {
    if (event.kind === 'text') {
      this.#parts.push(event.text)
      this.#textEvents += 1
      this.#characters += event.text.length
    } else if (event.kind === 'reasoning') this.#reasoned = true
    else if (event.kind === 'toolCall') this.#calledTools = true
  }

  rescue(): Rescue {
    const sent = this.#textEvents > 0
    if (this.#calledTools) return 'impossible'
    if (!sent) return 'restart'
    const { responseFormat } = this.#query.body
    const structured = responseFormat !== undefined && responseFormat.type !== 'text'
    return structured ? 'impossible' : 'continue'
  }

  /** The query that asks another worker for the rest: same model, the text so far as the start of the answer, fewer tokens to go. */
  remainder(model: string): ChatQuery {
    const { body } = this.#query
    if (this.#textEvents === 0) return { ...this.#query, model }
    const { maxTokens } = body.sampling ?? {}
    return {
      ...this.#query,
      model,
      body: {
        ...body,
        prefill: (body.prefill ?? '') + this.text,
        think: false,
        ...(maxTokens === undefined
          ? {}
          : { sampling: { ...body.sampling, maxTokens: Math.max(1, maxTokens - this.tokens) } }),
      },
    }
  }
}
