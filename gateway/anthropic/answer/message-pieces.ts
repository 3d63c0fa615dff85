/**
 * A message in pieces: named events of numbered blocks, one of which is open at a time. What stays the same within one
 * block is built once, so that a token costs one `JSON.stringify` of its text and a concatenation.
 */
import type { ContentEvent, EndEvent } from '../../../core/query/query-event.ts'
import { extrasOf } from '../../answer/extras.ts'
import type { AnswerPieces, AnswerStart } from '../../answer/stream-answer.ts'
import { callArguments, type GatheredCall, GatheredCalls, noArguments } from '../../gathering/calls.ts'
import { messageObject, messageUsage, stopFields, textBlock, toolBlock } from './message-object.ts'
import { signatureOf } from './signature.ts'

export interface MessagePiecesInit {
  /** Whether the client wants to see thoughts. */
  readonly shown: boolean
  readonly wantsReceipt: boolean
}

/** The block that grows. */
type Open =
  | { readonly kind: 'text' }
  | { readonly kind: 'thinking'; thoughts: string }
  | { readonly kind: 'tool'; readonly call: GatheredCall }

/** One event of the stream. */
export function messageEvent(type: string, fields: object = {}): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
}

export class MessagePieces implements AnswerPieces {
  readonly #start: AnswerStart
  readonly #init: MessagePiecesInit
  readonly #calls = new GatheredCalls()
  /** Calls whose turn to be written has not come. */
  readonly #waiting = new Set<GatheredCall>()
  #open: Open | undefined
  #index = -1
  /** What stands before the text of the open block. */
  #before = ''

  constructor(start: AnswerStart, init: MessagePiecesInit) {
    this.#start = start
    this.#init = init
  }

  open(): string {
    return messageEvent('message_start', { message: messageObject(this.#start, [], undefined) })
  }

  content(event: ContentEvent): string {
    switch (event.kind) {
      case 'text':
        return this.#text(event.text)
      case 'reasoning':
        return this.#thought(event.text)
      case 'toolCall':
        return this.#call(event)
      default:
        return '' // a conversation has no other content
    }
  }

  /** Throws `ENGINE_GARBAGE` for a call whose arguments are no object. */
  end(event: EndEvent): string {
    const closing = this.#close() + this.#rest(event.finishReason === 'length')
    const fields = { delta: { ...stopFields(event), container: null }, usage: messageUsage(event.usage) }
    const realmesh = extrasOf(event, this.#init.wantsReceipt)
    return closing + messageEvent('message_delta', { ...fields, realmesh }) + messageEvent('message_stop')
  }

  #text(text: string): string {
    const opening = this.#open?.kind === 'text' ? '' : this.#begin({ kind: 'text' }, textBlock(''), 'text_delta","text')
    return `${opening}${this.#before}${JSON.stringify(text)}}}\n\n`
  }

  #thought(text: string): string {
    let opening = ''
    if (this.#open?.kind !== 'thinking') {
      const block = { type: 'thinking', thinking: '', signature: '' }
      opening = this.#begin({ kind: 'thinking', thoughts: '' }, block, 'thinking_delta","thinking')
    }
    if (this.#init.shown) return `${opening}${this.#before}${JSON.stringify(text)}}}\n\n`
    if (this.#open?.kind === 'thinking') this.#open.thoughts += text
    return opening
  }

  /** A call is written as it comes; one that begins while another is not complete waits, as their pieces may mix. */
  #call(event: Extract<ContentEvent, { readonly kind: 'toolCall' }>): string {
    const known = this.#calls.size
    const call = this.#calls.add(event)
    const open = this.#open?.kind === 'tool' ? this.#open.call : undefined
    if (call === open) return event.arguments === '' ? '' : this.#arguments(event.arguments)
    if (this.#calls.size === known) return this.#late(call, event.arguments)
    if (this.#waiting.size > 0 || (open !== undefined && !isComplete(open))) {
      this.#waiting.add(call)
      return ''
    }
    return this.#beginCall(call)
  }

  /** More of a call that waits, or that was written: that is white space, or the `{}` of one without arguments. */
  #late(call: GatheredCall, piece: string): string {
    const nothing = piece.trim() === '' || (piece.trim() === '{}' && call.arguments.trim() === '{}')
    if (!nothing && !this.#waiting.has(call)) throw noArguments(call.name)
    return ''
  }

  #beginCall(call: GatheredCall): string {
    const block = toolBlock(call, {}, this.#start.queryId)
    const opening = this.#begin({ kind: 'tool', call }, block, 'input_json_delta","partial_json')
    return call.arguments === '' ? opening : opening + this.#arguments(call.arguments)
  }

  #arguments(piece: string): string {
    return `${this.#before}${JSON.stringify(piece)}}}\n\n`
  }

  /** Calls that waited, whole; `cut`: the answer met its limit of tokens, so that the last may be in pieces. */
  #rest(cut: boolean): string {
    let text = ''
    for (const call of this.#waiting) text += this.#beginCall(call) + this.#close()
    this.#waiting.clear()
    const broken = cut ? undefined : this.#calls.all.find((call) => callArguments(call.arguments) === undefined)
    if (broken !== undefined) throw noArguments(broken.name)
    return text
  }

  #begin(open: Open, block: object, delta: string): string {
    // Waiting calls come before what follows them; those of `#rest` have left the list.
    const closing = this.#close() + (open.kind === 'tool' ? '' : this.#rest(true))
    this.#index += 1
    this.#open = open
    const index = this.#index
    this.#before = `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"${delta}":`
    return closing + messageEvent('content_block_start', { index, content_block: block })
  }

  #close(): string {
    const open = this.#open
    if (open === undefined) return ''
    this.#open = undefined
    const index = this.#index
    const stop = messageEvent('content_block_stop', { index })
    if (open.kind !== 'thinking') return stop
    const signature = signatureOf(open.thoughts, this.#init.shown)
    const delta = { type: 'signature_delta', signature }
    return messageEvent('content_block_delta', { index, delta }) + stop
  }
}

/** Whether nothing more can come of the call. Without arguments so far it has only begun. */
function isComplete({ arguments: text }: GatheredCall): boolean {
  return text.trim() !== '' && callArguments(text) !== undefined
}
