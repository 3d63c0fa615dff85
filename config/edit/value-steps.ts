/** What is to be done to one value so that it becomes another, as few and as small steps as there are. Pure. */
import { isDeepStrictEqual } from 'node:util'
import type { ConfigPath } from '../config-path.ts'

export type ValueStep =
  /** Puts a value at a key or an index; the map or list around it is there. */
  | { readonly kind: 'set'; readonly path: ConfigPath; readonly value: unknown }
  /** Puts one more item at the end of the list at the path. */
  | { readonly kind: 'append'; readonly path: ConfigPath; readonly value: unknown }
  | { readonly kind: 'remove'; readonly path: ConfigPath }

type Values = Readonly<Record<string, unknown>>

/** From `before` to `after`, which hold plain maps, lists and scalars. Undefined in a map is the same as no key. */
export function valueSteps(before: unknown, after: unknown, path: ConfigPath = []): readonly ValueStep[] {
  if (isDeepStrictEqual(before, after)) return []
  if (isFilledMap(before) && isFilledMap(after)) return mapSteps(before, after, path)
  if (isFilledList(before) && isFilledList(after)) return listSteps(before, after, path)
  return [{ kind: 'set', path, value: after }]
}

/** What goes goes last: a map that is empty in between would be written in another way. */
function mapSteps(before: Values, after: Values, path: ConfigPath): readonly ValueStep[] {
  const stays = keysOf(after).flatMap((key) => valueSteps(before[key], after[key], [...path, key]))
  const goes = keysOf(before).filter((key) => after[key] === undefined)
  return [...stays, ...goes.map((key): ValueStep => ({ kind: 'remove', path: [...path, key] }))]
}

function listSteps(before: readonly unknown[], after: readonly unknown[], path: ConfigPath): readonly ValueStep[] {
  if (before.length === after.length) return after.flatMap((item, i) => valueSteps(before[i], item, [...path, i]))
  if (isDeepStrictEqual(before, after.slice(0, before.length))) {
    return after.slice(before.length).map((value): ValueStep => ({ kind: 'append', path, value }))
  }
  const gone = leftOut(before, after)
  if (gone === undefined) return [{ kind: 'set', path, value: after }]
  // From the end on, so that no index shifts under the next one.
  return gone.toReversed().map((i): ValueStep => ({ kind: 'remove', path: [...path, i] }))
}

/** Indices of what is missing from `after`; undefined when it is not `before` with some items left out. */
function leftOut(before: readonly unknown[], after: readonly unknown[]): readonly number[] | undefined {
  let next = 0
  const gone = before.flatMap((item, i) => {
    if (next < after.length && isDeepStrictEqual(item, after[next])) {
      next += 1
      return []
    }
    return i
  })
  return next === after.length ? gone : undefined
}

function keysOf(map: Values): readonly string[] {
  return Object.keys(map).filter((key) => map[key] !== undefined)
}

function isFilledMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && keysOf(value as Values).length > 0
}

function isFilledList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0
}
