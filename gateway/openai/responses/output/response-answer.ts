/** A response in one piece: the events of a query gathered into one body. */
import { type EndEvent, isContent, type QueryEvent, type StartEvent } from '../../../../core/query/query-event.ts'
import type { AnswerStart } from '../../../answer/stream-answer.ts'
import type { Gathering } from '../../../answer/whole-answer.ts'
import { OutputItems } from './output-items.ts'
import { type EchoedBody, responseId, responseObject, statusAfter } from './response-object.ts'

export class ResponseAnswer implements Gathering {
  readonly #items: OutputItems
  #start: StartEvent | undefined
  #end: EndEvent | undefined

  constructor(queryId: string) {
    this.#items = new OutputItems(queryId)
  }

  add(event: QueryEvent): void {
    if (isContent(event)) this.#items.add(event)
    else if (event.kind === 'start') this.#start = event
    else if (event.kind === 'end') this.#end = event
  }

  /** The body of the reply. `now`: seconds since the epoch. */
  toBody({ queryId, created, model }: AnswerStart, body: EchoedBody, now: number): object {
    const end = this.#end
    const status = end === undefined ? 'completed' : statusAfter(end)
    this.#items.close(status)
    return responseObject({ id: responseId(queryId), created, model: this.#start?.model ?? model }, body, {
      status,
      items: this.#items.all,
      end,
      completed: status === 'completed' ? now : undefined,
    })
  }
}
