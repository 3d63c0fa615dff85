/** Tool calls as they stand once all their pieces have come. */
import type { ToolCallEvent } from '../../core/query/query-event.ts'

export interface GatheredCall {
  readonly index: number
  /** Absent where the engine gave none. */
  readonly id: string | undefined
  readonly name: string
  /** JSON text, as the model wrote it. */
  arguments: string
}

export class GatheredCalls {
  readonly #calls = new Map<number, GatheredCall>()

  get size(): number {
    return this.#calls.size
  }

  /** In the order in which they began. */
  get all(): readonly GatheredCall[] {
    return [...this.#calls.values()]
  }

  add({ index, id, name = '', arguments: piece }: ToolCallEvent): void {
    const call = this.#calls.get(index)
    if (call !== undefined) call.arguments += piece
    else this.#calls.set(index, { index, id, name, arguments: piece })
  }
}

/** The id of a call; one of ours where the engine gave none. */
export function callId({ id, index }: Pick<GatheredCall, 'id' | 'index'>, queryId: string): string {
  return id ?? `call_${queryId}_${index}`
}
