/** A request as its door understood it, for all that answer it in one piece: the door itself, and batches. */
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { AskedFields } from './ignored-fields.ts'
import type { AnswerStart } from './stream-answer.ts'
import type { Asked } from './submit.ts'
import type { Gathering } from './whole-answer.ts'

/** An answer in one piece, once all its events were added. */
export interface WholeAnswer extends Gathering {
  toBody(start: AnswerStart): object
}

export interface DoorRequest {
  /** As the client wrote it. */
  readonly model: string
  /** The queries that it is, one for each choice. */
  readonly asked: readonly Asked[]
  readonly fields: AskedFields
  /** A gathering for the answer of the query with this id. */
  readonly whole: (queryId: string) => WholeAnswer
  /** Its events, kept on their way where their author may come back to the answer. @default as they are */
  readonly kept?: (queryId: string, events: AsyncIterable<QueryEvent>) => AsyncIterable<QueryEvent>
}
