/** What a request builds on: the items of earlier responses, by the id of the last one or of each item. */
import { BadField } from '../../../../core/check-value.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { KnownFault } from '../../../request/errors.ts'
import type { Item } from '../asked/response-input.ts'
import { itemBody, type OutputItem } from '../output/output-items.ts'
import { responseId } from '../output/response-object.ts'
import type { RecordedBody, ResponseRecord } from './response-record.ts'

/** Responses that one request builds on: a conversation of a day has some hundred. */
export const MAX_EARLIER_RESPONSES = 512

/** UTF-16 units that are taken of them together, however often of each: more is no prompt any more. */
export const MAX_EARLIER_LENGTH = 8 * 1024 * 1024

/** An id that a response of ours gave to an item of its output. */
const OUTPUT_ID = /^(?:msg|rs|fc)_(.{1,128})_(\d{1,9})$/

/** Where they are found. */
export interface EarlierResponses {
  find(user: string, id: string): Promise<{ readonly record: ResponseRecord } | undefined>
}

/** The conversation that a request is about. */
export interface WholeInput {
  /** Of earlier responses, oldest first. */
  readonly earlier: readonly Item[]
  /** Of the request itself, references resolved. */
  readonly own: readonly Item[]
}

/** Throws `BadField` for what is not there, `PROMPT_TOO_LARGE` where it is too much. */
export async function wholeInput(
  desk: EarlierResponses,
  user: string,
  body: Pick<RecordedBody, 'previous_response_id'> & { readonly input: string | readonly Item[] },
): Promise<WholeInput> {
  const reader = new EarlierItems(desk, user)
  const given: readonly Item[] =
    typeof body.input === 'string' ? [{ type: 'message', role: 'user', content: body.input }] : body.input
  const own: Item[] = []
  for (const [index, item] of given.entries()) {
    own.push(item['type'] === 'item_reference' ? await reader.item(item['id'], `input[${index}].id`) : item)
  }
  const earlier = body.previous_response_id == null ? [] : await reader.conversation(body.previous_response_id)
  return { earlier, own }
}

/** A response, and what it consists of: that is made of its events once, however often it is named. */
interface Earlier {
  readonly record: ResponseRecord
  readonly items: readonly OutputItem[]
  /** The same as they are sent. */
  readonly said: readonly Item[]
}

class EarlierItems {
  readonly #desk: EarlierResponses
  readonly #user: string
  readonly #seen = new Map<string, Earlier | undefined>()
  #length = 0

  constructor(desk: EarlierResponses, user: string) {
    this.#desk = desk
    this.#user = user
  }

  async item(id: unknown, param: string): Promise<Item> {
    const [, queryId, index] = (typeof id === 'string' ? OUTPUT_ID.exec(id) : null) ?? []
    const earlier = queryId === undefined ? undefined : await this.#find(responseId(queryId))
    const item = earlier?.items[Number(index)]
    const said = earlier?.said[Number(index)]
    if (item === undefined || said === undefined || item.id !== id) {
      throw new BadField(param, 'there is no such item of a response of yours', { fix: 'send the item itself' })
    }
    this.#take(item.text.length)
    return said
  }

  /** All that was said up to the end of the response `last`. */
  async conversation(last: string): Promise<readonly Item[]> {
    const parts: (readonly Item[])[] = []
    for (let id: string | null | undefined = last; id != null; ) {
      // Counted here too: clients choose ids, and so can make a circle.
      if (parts.length === MAX_EARLIER_RESPONSES) throw tooMany()
      const earlier: Earlier | undefined = await this.#find(id)
      if (earlier === undefined) {
        throw noPrevious('there is no response of yours with that id, or one before it is gone')
      }
      const { record, said } = earlier
      if (record.status !== 'completed' && record.status !== 'incomplete') {
        throw noPrevious(`that response is ${record.status}`)
      }
      this.#take(record.textLength)
      parts.push([...record.init.body.input, ...said])
      id = record.init.body.previous_response_id
    }
    return parts.reverse().flat()
  }

  async #find(id: string): Promise<Earlier | undefined> {
    if (this.#seen.has(id)) return this.#seen.get(id)
    if (this.#seen.size === MAX_EARLIER_RESPONSES) throw tooMany()
    const record = (await this.#desk.find(this.#user, id))?.record
    const earlier = record === undefined ? undefined : earlierOf(record)
    this.#seen.set(id, earlier)
    return earlier
  }

  #take(length: number): void {
    this.#length += length
    if (this.#length > MAX_EARLIER_LENGTH) throw tooMany()
  }
}

function earlierOf(record: ResponseRecord): Earlier {
  const items = record.items().all
  return { record, items, said: items.map((item) => ({ ...itemBody(item, { summary: false }) })) }
}

function tooMany(): RealmeshError {
  return new RealmeshError('PROMPT_TOO_LARGE', 'the request builds on too many earlier responses', {
    fix: 'begin a new conversation, with a summary of this one',
  })
}

function noPrevious(what: string): BadField {
  return new KnownFault('previous_response_not_found', 'previous_response_id', what, {
    fix: 'send the whole conversation as input',
  })
}
