/** What the parts of a socket's life know of each other. */
import type { KnownUser } from '../../../node/api/known-users.ts'
import type { NodeControl } from '../../../node/api/node-control.ts'
import type { GatewayContext } from '../../request/gateway-context.ts'
import type { ReadJson } from '../../request/json-body.ts'
import type { HouseView } from '../house/house-view.ts'
import type { Feature } from '../messages/received.ts'
import type { FailedAt } from '../query/failure-words.ts'
import type { RentAHalQuery } from '../query/query-schema.ts'
import type { RealmConnectionManager, RealmMember, Told } from '../realm-connection-manager.ts'
import type { Uploads } from '../uploads.ts'
import type { VisitorBook } from '../visitors.ts'

/** What sysops may do from their page. */
export type SysopActs = Pick<NodeControl, 'workers' | 'users' | 'queries'>

/** What all sockets share. */
export interface House {
  readonly context: GatewayContext
  /** Absent: this gateway takes no acts of an operator. */
  readonly control: SysopActs | undefined
  readonly connections: RealmConnectionManager<HouseMember>
  readonly view: HouseView
  readonly visitors: VisitorBook
  /** A message as JSON, bounded as bodies are. Throws `BAD_REQUEST`, `PROMPT_TOO_LARGE`. */
  readonly readJson: ReadJson
  /** Tells everyone of the workers and models, now and not when it is next looked. */
  readonly tellWorkers: () => void
}

/** A socket whose user is known. */
export interface HouseMember extends RealmMember {
  /** The user's account, as far as this process has seen it. */
  known: KnownUser
  /** Closes it behind what has been said to it: its user may not be here. */
  refuseEntry(): void
}

/** A socket as the handlers of its messages see it. */
export interface Session extends HouseMember {
  readonly features: Set<Feature>
  readonly uploads: Uploads
  say(told: Told): void
  /**
   * Tells what went wrong, in the words of the original; `opening` stands before a failure of the work,
   * `more` beside it.
   */
  refuse(thrown: unknown, opening?: FailedAt, more?: object): void
  /** Begins a query, says where the queue stands, and then `also`. Throws what keeps it from beginning. */
  submit(query: RentAHalQuery, asked: SubmitInit): void
  /** What is said in a recording. Throws what a query fails with. */
  transcribe(audio: string): Promise<string>
  /** A text as base64 of a WAV. Throws what a query fails with. */
  speak(text: string): Promise<string>
  /** Ends the query that has this id on this socket; false: there is none. */
  cancel(queryId: string): boolean
  /** Says where the queue stands. */
  sayQueue(): void
}

export interface SubmitInit {
  /** The client's own name for the query, repeated in what is said of it. */
  readonly ref?: string | undefined
  readonly also?: Told
}
