/**
 * The pieces of tool calls as engines send them, made into what we speak: calls numbered from 0, each with an id and a
 * name in its first piece and in no other, arguments as JSON text. Engines number all calls 0, or none, repeat names,
 * and give arguments as an object or encoded twice.
 */
import type { ToolCall } from '../../core/query/query.ts'
import type { FinishReason, QueryEvent } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { garbage } from '../http/http-errors.ts'
import { asObject, asString, type JsonObject, objectsOf } from '../http/json-shape.ts'

interface Call {
  readonly index: number
  /** The engine's own number for it. */
  readonly number: number | undefined
  /** The engine's own id for it; another call may have the same. */
  id: string | undefined
  name: string
  /** Whether its first piece was put out; it is held back until the name is known. */
  told: boolean
  /** Arguments that wait: for the name, or because they came as text within text. */
  held: string
  /** All of the arguments that came. */
  arguments: string
}

/** What one piece says. */
interface Piece {
  readonly id: string | undefined
  /** '' where it has none. */
  readonly name: string
  readonly number: number | undefined
  readonly arguments: string
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
    const read: Piece = {
      id: asString(piece['id']) || undefined,
      name: asString(called['name']) ?? '',
      number: numberOf(piece['index'] ?? called['index']),
      arguments: argumentsText(called['arguments']),
    }
    const call = this.#find(read) ?? this.#begin(read.number)
    if (isRepeat(call, read)) return
    call.id ??= read.id
    if (call.name === '') call.name = read.name
    call.arguments += read.arguments
    call.held += read.arguments
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
  #find(piece: Piece): Call | undefined {
    const { id, name, number } = piece
    const alike = id === undefined ? [] : this.#calls.filter((call) => call.id === id)
    if (alike.length > 0) {
      // Some engines give all calls one id: a name with a number of its own is another call.
      const call =
        alike.findLast((each) => each.number === number) ??
        (name === '' || number === undefined ? alike.at(-1) : undefined)
      return call !== undefined && (goesOn(call, piece) || isRepeat(call, piece)) ? call : undefined
    }
    const last = number === undefined ? this.#calls.at(-1) : this.#calls.findLast((call) => call.number === number)
    // Its own id says that it is another call, whatever the number.
    if (last === undefined || (id !== undefined && last.id !== undefined)) return undefined
    return goesOn(last, piece) ? last : undefined
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
    // The client answers a call by its id: each has one of its own.
    const taken = this.#calls.some(({ id, index }) => id === call.id && index < call.index)
    const id = call.id === undefined || taken ? `call_${this.#init.idPrefix}_${call.index}` : call.id
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

/** The pieces of tool calls in a delta: a list, one alone, or the older single call of a function. */
export function callsIn(delta: JsonObject): readonly JsonObject[] {
  const { tool_calls: calls, function_call: only } = delta
  if (Array.isArray(calls)) return objectsOf(calls)
  const call = asObject(calls) ?? asObject(only)
  return call === undefined ? [] : [call]
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

/** Whether the piece belongs to the call: another name, or more behind arguments that are complete, begins another. */
function goesOn(call: Call, piece: Piece): boolean {
  if (piece.name === '' || call.name === '') return true
  if (piece.name !== call.name) return false
  const marked = piece.id !== undefined || piece.number !== undefined
  return !isComplete(call.arguments) || (marked && piece.arguments === '')
}

/** Whether the piece tells the whole call once more, as some engines do at the end of the answer. */
function isRepeat(call: Call, piece: Piece): boolean {
  return (
    piece.id !== undefined &&
    piece.id === call.id &&
    piece.name === call.name &&
    piece.arguments === call.arguments &&
    isComplete(call.arguments)
  )
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
