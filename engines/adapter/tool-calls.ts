/**
 * The pieces of tool calls as engines send them, made into what we speak: calls numbered from 0, each with an id and a
 * name in its first piece and in no other, arguments as JSON text. Engines number all calls 0, or none, repeat names,
 * and give arguments as an object or encoded twice.
 */
import type { ToolCall } from '../../core/query/query.ts'
import type { FinishReason, QueryEvent } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { garbage } from '../http/http-errors.ts'
import { asObject, asString, type JsonObject } from '../http/json-shape.ts'

interface Call {
  readonly index: number
  /** The engine's own number for it. */
  readonly number: number | undefined
  id: string | undefined
  name: string
  /** Whether its first piece was put out; it is held back until the name is known. */
  told: boolean
  /** Arguments that wait: for the name, or because they came as text within text. */
  held: string
  /** All of the arguments that came. */
  arguments: string
}

export interface ToolCallsInit {
  /** Kind of the engine, for error texts. */
  readonly engine: string
  /** Makes the ids of calls that have none; a word that is the query's own. */
  readonly idPrefix: string
  /** Whether the first call is the only one that is told, for clients that cannot make several. @default false */
  readonly single?: boolean
}

export class ToolCalls {
  readonly #init: ToolCallsInit
  readonly #calls: Call[] = []

  constructor(init: ToolCallsInit) {
    this.#init = init
  }

  /** Whether any call was made. */
  get made(): boolean {
    return this.#calls.length > 0
  }

  /**
   * Takes one piece, `{ index?, id?, function: { name?, arguments? } }` or the same without `function`; appends what
   * can be told now.
   */
  take(piece: JsonObject, out: QueryEvent[]): void {
    const called = asObject(piece['function']) ?? piece
    const id = asString(piece['id']) || undefined
    const name = asString(called['name']) ?? ''
    const number = numberOf(piece['index'] ?? called['index'])
    const call = this.#find(id, name, number) ?? this.#begin(number)
    call.id ??= id
    if (call.name === '') call.name = name
    const pieces = argumentsText(called['arguments'])
    call.arguments += pieces
    call.held += pieces
    // Arguments are an object: text that begins with a quote is JSON within JSON and makes sense only as a whole.
    if (!call.arguments.trimStart().startsWith('"')) this.#tell(call, out)
  }

  /** The answer is over: appends what was held back. Throws `ENGINE_GARBAGE` for a call without a name. */
  finish(out: QueryEvent[]): void {
    for (const call of this.#calls) {
      if (call.name === '') throw garbage(this.#init.engine, 'a tool call without a name')
      call.held = decodedTwice(call.held)
      if (call.arguments.trim() === '') call.held = '{}'
      if (call.held !== '' || !call.told) this.#tell(call, out)
    }
  }

  /** The call that a piece belongs to; undefined when the piece begins another. */
  #find(id: string | undefined, name: string, number: number | undefined): Call | undefined {
    if (id !== undefined) {
      const known = this.#calls.find((call) => call.id === id)
      if (known !== undefined) return known
    }
    const last = number === undefined ? this.#calls.at(-1) : this.#calls.findLast((call) => call.number === number)
    if (last === undefined) return undefined
    // Its own id or another name says that it is another call, whatever the number; so does a name behind arguments
    // that are complete.
    if (id !== undefined && last.id !== undefined) return undefined
    if (name === '' || last.name === '') return last
    return name !== last.name || isComplete(last.arguments) ? undefined : last
  }

  #begin(number: number | undefined): Call {
    const index = this.#calls.length
    const call: Call = { index, number, id: undefined, name: '', told: false, held: '', arguments: '' }
    this.#calls.push(call)
    return call
  }

  #tell(call: Call, out: QueryEvent[]): void {
    if (this.#init.single === true && call.index > 0) return
    if (call.name === '' || (call.told && call.held === '')) return
    const id = call.id ?? `call_${this.#init.idPrefix}_${call.index}`
    out.push({
      kind: 'toolCall',
      index: call.index,
      ...(call.told ? {} : { id, name: call.name }),
      arguments: call.held,
    })
    call.told = true
    call.held = ''
  }
}

/** Why an answer ended, with its calls in mind: clients go by `tool_calls`, and by nothing else. */
export function withCalls(reason: FinishReason, made: boolean): FinishReason {
  if (made) return reason === 'stop' ? 'tool_calls' : reason
  return reason === 'tool_calls' ? 'stop' : reason
}

/**
 * For engines that take arguments as an object where we carry JSON text. Throws `BAD_REQUEST` for what is no object.
 */
export function toolArguments(call: ToolCall): JsonObject {
  try {
    const parsed = asObject(JSON.parse(call.arguments === '' ? '{}' : call.arguments))
    if (parsed !== undefined) return parsed
  } catch (cause) {
    throw new RealmeshError('BAD_REQUEST', `the arguments of tool call ${call.id} are not JSON`, { cause })
  }
  throw new RealmeshError('BAD_REQUEST', `the arguments of tool call ${call.id} are not a JSON object`)
}

/** The engine's number of a call; some write it as text. */
function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) ? number : undefined
}

function argumentsText(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

/** JSON text within JSON text, opened; other text as it is. */
function decodedTwice(text: string): string {
  if (!text.trimStart().startsWith('"')) return text
  try {
    return argumentsText(JSON.parse(text))
  } catch {
    return text // not what it looked like: the client sees what the model wrote
  }
}

function isComplete(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
