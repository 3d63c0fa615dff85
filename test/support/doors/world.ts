/** What stands behind a door, so that the same case runs before a script and before a peer. */
import type { ChatBody } from '../../../core/query/query.ts'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import type { CancelSignal } from '../../../core/run/cancel-signal.ts'
import type { Clock } from '../../../core/run/clock.ts'
import type { Door } from './door.ts'

/** What is answered, from the content on: places in queues and the rig's name are told by the world itself. */
export type DoorScript = (signal: CancelSignal, body: ChatBody) => AsyncIterable<QueryEvent>

/** A queue in which the next question stands. */
export interface DoorQueue {
  /** The gateway knows the place of the question. */
  readonly told: Promise<void>
  /** It is the question's turn. */
  free(): void
}

export interface DoorWorld {
  /** Of the gateway, on loopback. */
  readonly port: number
  /** The peer id of the node that serves `tiny`. */
  readonly servedBy: string
  /** A question is answered by the first of these; where that fails, the next rig goes on with the next. */
  play(...scripts: readonly DoorScript[]): void
  /** Everything that serves `tiny` is busy until the queue is free. Call it behind `play`. */
  busy(): Promise<DoorQueue>
  /** How many rigs had a part in the last answer. */
  rigs(): number
  /** The last question of the case, as it reached an engine. */
  asked(): ChatBody | undefined
}

/**
 * A model of two rigs, for this door alone: a model that is asked often may be asked of two rigs at once where one is
 * slow.
 */
export function twinOf({ path }: Pick<Door, 'path'>): string {
  return `twin${path.replaceAll('/', '-')}`
}

/** Keeps a world ready for each case. `tiny` is a model of one rig, that of `twinOf` one of two. */
export interface DoorWorlds {
  readonly name: string
  /** A world that has seen nothing of another case. `clock`: of the gateway. */
  enter(clock: Clock): Promise<DoorWorld>
  /** After each case. */
  leave(): Promise<void>
}

/** These events, and then the failure if there is one. */
export function told(events: readonly QueryEvent[], failure?: Error): DoorScript {
  return async function* () {
    yield* events
    if (failure !== undefined) throw failure
  }
}
