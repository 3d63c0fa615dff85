/** Pages of the lists that OpenAI's API has: so many items, behind one that the client names. */
import { BadField } from '../../../core/check-value.ts'

export interface ListPage {
  readonly limit: number
  /** Id of the last item that the client has. */
  readonly after?: string | undefined
}

/** One page of `items`, which are in the order of the list. Throws `BadField` for an `after` that is not among them. */
export function listPage<T extends { readonly id: string }>(
  items: readonly T[],
  { limit, after }: ListPage,
  toObject: (item: T) => object,
): object {
  const from = after === undefined ? 0 : items.findIndex(({ id }) => id === after) + 1
  if (after !== undefined && from === 0) throw new BadField('after', 'there is no such item in the list')
  const page = items.slice(from, from + limit)
  return {
    object: 'list',
    data: page.map(toObject),
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
    has_more: from + limit < items.length,
  }
}
