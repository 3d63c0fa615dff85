/** What is told of tokens: themselves, or the text that they are. */
import type { EndEvent, QueryEvent, TokensEvent } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Gathering } from '../answer/whole-answer.ts'

export class GatheredTokens implements Gathering {
  #tokens: TokensEvent | undefined
  /** Of ids. */
  text = ''
  /** The exact model, where a worker named it. */
  model: string | undefined
  end: EndEvent | undefined

  /** Throws `ENGINE_GARBAGE` when none were told. */
  get tokens(): TokensEvent {
    if (this.#tokens === undefined) throw new RealmeshError('ENGINE_GARBAGE', 'the engine told no tokens')
    return this.#tokens
  }

  add(event: QueryEvent): void {
    if (event.kind === 'tokens') this.#tokens = event
    else if (event.kind === 'text') this.text += event.text
    else if (event.kind === 'end') this.end = event
    else if (event.kind === 'start') this.model = event.model
  }
}
