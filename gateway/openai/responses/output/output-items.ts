/**
 * What an answer consists of, as a response lists it: thoughts, a message, calls, each an item of its own. The events
 * of a query are folded into items here, for answers in one piece and in pieces alike.
 */
import type { TokenLogprob } from '../../../../core/query/logprobs.ts'
import type { ContentEvent, ToolCallEvent } from '../../../../core/query/query-event.ts'
import { callId } from '../../../gathering/calls.ts'
import { appended, toldLogprobs } from '../../../gathering/logprobs.ts'
import { inputOf } from '../asked/custom-tools.ts'

type ItemKind = 'message' | 'reasoning' | 'function_call'
type ItemStatus = 'in_progress' | 'completed' | 'incomplete'

/** An item while it grows. */
export interface OutputItem {
  readonly kind: ItemKind
  readonly id: string
  /** Its place in the output. */
  readonly index: number
  status: ItemStatus
  /** What was said, thought, or the arguments of a call. */
  text: string
  /** Of a message, where they were asked for. */
  logprobs: TokenLogprob[] | undefined
  /** Of a call. */
  readonly call?: { readonly callId: string; readonly name: string }
}

/** What an event does to the items. */
export type ItemChange =
  | { readonly kind: 'opened'; readonly item: OutputItem }
  | {
      readonly kind: 'grew'
      readonly item: OutputItem
      readonly piece: string
      readonly logprobs?: readonly TokenLogprob[] | undefined
    }
  | { readonly kind: 'closed'; readonly item: OutputItem }

const PREFIX: Readonly<Record<ItemKind, string>> = { message: 'msg', reasoning: 'rs', function_call: 'fc' }

export class OutputItems {
  readonly all: OutputItem[] = []
  readonly #queryId: string
  /** The message or the thoughts that go on. */
  #open: OutputItem | undefined
  /** Calls by their index at the engine; pieces of several may be mixed, so they stay open to the end. */
  readonly #calls = new Map<number, OutputItem>()

  constructor(queryId: string) {
    this.#queryId = queryId
  }

  add(event: ContentEvent): readonly ItemChange[] {
    if (event.kind === 'text') return this.#grow('message', event.text, event.logprobs)
    if (event.kind === 'reasoning') return this.#grow('reasoning', event.text)
    return event.kind === 'toolCall' ? this.#call(event) : [] // a conversation has no other content
  }

  /** Ends what is open. An answer of nothing is a message of nothing: programs look for one. */
  close(status: Exclude<ItemStatus, 'in_progress'>): readonly ItemChange[] {
    const changes: ItemChange[] = []
    if (this.all.length === 0) {
      this.#open = this.#add('message')
      changes.push({ kind: 'opened', item: this.#open })
    }
    const open = [...(this.#open === undefined ? [] : [this.#open]), ...this.#calls.values()]
    this.#open = undefined
    this.#calls.clear()
    for (const item of open) changes.push(closed(item, status))
    return changes
  }

  #grow(kind: 'message' | 'reasoning', piece: string, logprobs?: readonly TokenLogprob[]): readonly ItemChange[] {
    const changes: ItemChange[] = []
    let item = this.#open
    if (item?.kind !== kind) {
      changes.push(...this.#endOpen())
      item = this.#add(kind)
      this.#open = item
      changes.push({ kind: 'opened', item })
    }
    item.text += piece
    if (logprobs !== undefined) item.logprobs = appended(item.logprobs, logprobs)
    changes.push({ kind: 'grew', item, piece, logprobs })
    return changes
  }

  #call({ index, id, name = '', arguments: piece }: ToolCallEvent): readonly ItemChange[] {
    const changes: ItemChange[] = []
    let item = this.#calls.get(index)
    if (item === undefined) {
      changes.push(...this.#endOpen())
      item = this.#add('function_call', { callId: callId({ id, index }, this.#queryId), name })
      this.#calls.set(index, item)
      changes.push({ kind: 'opened', item })
    }
    item.text += piece
    if (piece !== '') changes.push({ kind: 'grew', item, piece })
    return changes
  }

  #endOpen(): readonly ItemChange[] {
    const item = this.#open
    this.#open = undefined
    return item === undefined ? [] : [closed(item, 'completed')]
  }

  #add(kind: ItemKind, call?: OutputItem['call']): OutputItem {
    const index = this.all.length
    const item: OutputItem = {
      kind,
      id: `${PREFIX[kind]}_${this.#queryId}_${index}`,
      index,
      status: 'in_progress',
      text: '',
      logprobs: undefined,
      ...(call !== undefined && { call }),
    }
    this.all.push(item)
    return item
  }
}

function closed(item: OutputItem, status: ItemStatus): ItemChange {
  item.status = status
  return { kind: 'closed', item }
}

export interface ItemFormat {
  /** The thoughts stand as the summary, where the client asked for one; else as they are. */
  readonly summary: boolean
  /** Names of tools whose calls have a text for input. @default none: they are calls of functions */
  readonly custom?: ReadonlySet<string>
}

/** Whether the item is the call of such a tool. */
export function isCustom({ call }: OutputItem, { custom }: ItemFormat): boolean {
  return call !== undefined && custom?.has(call.name) === true
}

/** An item as JSON. One that was just opened is empty. */
export function itemBody(item: OutputItem, format: ItemFormat): object {
  const { summary } = format
  const { kind, id, status, text } = item
  const begun = status !== 'in_progress'
  if (kind === 'function_call') {
    const { callId: call_id, name } = item.call ?? { callId: id, name: '' }
    const given = begun ? text : ''
    if (!isCustom(item, format)) return { id, type: kind, status, call_id, name, arguments: given }
    return { id, type: 'custom_tool_call', status, call_id, name, input: begun ? inputOf(given) : '' }
  }
  const parts = begun ? [partBody(item, { summary })] : []
  if (kind === 'message') return { id, type: kind, status, role: 'assistant', content: parts }
  return summary ? { id, type: kind, status, summary: parts } : { id, type: kind, status, summary: [], content: parts }
}

/** The one part of a message or of thoughts; empty while it grows. */
export function partBody({ kind, status, text, logprobs }: OutputItem, { summary }: ItemFormat): object {
  const whole = status === 'in_progress' ? '' : text
  if (kind === 'reasoning') return { type: summary ? 'summary_text' : 'reasoning_text', text: whole }
  const told = status === 'in_progress' ? [] : toldLogprobs(logprobs ?? [])
  return { type: 'output_text', text: whole, annotations: [], logprobs: told }
}
