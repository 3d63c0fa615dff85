/** A message in one piece: the events of a query gathered into one body. */
import type { EndEvent, QueryEvent, StartEvent } from '../../../core/query/query-event.ts'
import type { Gathering } from '../../answer/whole-answer.ts'
import { GatheredChat } from '../../gathering/chat.ts'
import { type MessageHead, messageObject, textBlock, thinkingBlock, toolBlocks } from './message-object.ts'

export class MessageAnswer implements Gathering {
  readonly #chat = new GatheredChat()
  #start: StartEvent | undefined
  #end: EndEvent | undefined

  add(event: QueryEvent): void {
    if (event.kind === 'start') this.#start = event
    else if (event.kind === 'end') this.#end = event
    this.#chat.add(event)
  }

  /** The body of the reply. `shown`: whether the client wants to see thoughts. Throws `ENGINE_GARBAGE`. */
  toBody({ queryId, model }: MessageHead, shown: boolean): object {
    const { text, reasoning, calls, finish } = this.#chat
    const content = [
      ...(reasoning === '' ? [] : [thinkingBlock(reasoning, shown)]),
      ...(text === '' ? [] : [textBlock(text)]),
      ...toolBlocks(calls.all, finish, queryId),
    ]
    return messageObject({ queryId, model: this.#start?.model ?? model }, content, this.#end)
  }
}
