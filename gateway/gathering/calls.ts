/** Tool calls as they stand once all their pieces have come. */
import type { FinishReason, ToolCallEvent } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'

/** Characters of a function's name that an error repeats. */
const MAX_SHOWN_NAME = 64

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

  /** The call that the piece belongs to, with it. */
  add({ index, id, name = '', arguments: piece }: ToolCallEvent): GatheredCall {
    const known = this.#calls.get(index)
    if (known !== undefined) {
      known.arguments += piece
      return known
    }
    const call = { index, id, name, arguments: piece }
    this.#calls.set(index, call)
    return call
  }
}

/** The arguments of a call as an object, `{}` where there are none; undefined for text that is no JSON object. */
export function callArguments(text: string): object | undefined {
  if (text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * Each call with its arguments as an object. One that broke off at the limit of tokens is left out. Throws
 * `ENGINE_GARBAGE` for other arguments that are no object.
 */
export function wholeCalls(
  calls: readonly GatheredCall[],
  finish: FinishReason,
): readonly { readonly call: GatheredCall; readonly given: object }[] {
  return calls.flatMap((call) => {
    const given = callArguments(call.arguments)
    if (given !== undefined) return { call, given }
    if (finish === 'length') return []
    throw noArguments(call.name)
  })
}

/** A call that cannot be told where arguments are an object. */
export function noArguments(name: string): RealmeshError {
  return new RealmeshError(
    'ENGINE_GARBAGE',
    `the model called ${name.slice(0, MAX_SHOWN_NAME)} with arguments that are no JSON object`,
    {
      fix: 'ask again, or ask a larger model',
    },
  )
}

/** The id of a call; one of ours where the engine gave none. */
export function callId({ id, index }: Pick<GatheredCall, 'id' | 'index'>, queryId: string): string {
  return id ?? `call_${queryId}_${index}`
}
