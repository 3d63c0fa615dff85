/**
 * Lists from outside. zod looks at every item before it looks at the length, and keeps a complaint about each: a list
 * of a million wrong things costs seconds and gigabytes. Here the length comes first, and the first complaint is the
 * last.
 */
import { z } from 'zod'

export interface ListBounds {
  /** @default 0 */
  readonly min?: number
  readonly max: number
}

/** What a list is, for those that describe it: zod itself sees anything in it. */
export interface ListShape {
  readonly item: z.ZodType
  readonly min: number
  readonly max: number
}

const shapes = new WeakMap<z.ZodType, ListShape>()

/** The shape of a list that `boundedList` made; undefined for every other schema. */
export function listShape(schema: z.ZodType): ListShape | undefined {
  return shapes.get(schema)
}

/** A schema of lists whose items are of `item`; the list is measured before one of them is looked at. */
export function boundedList<T extends z.ZodType>(item: T, { min = 0, max }: ListBounds): BoundedList<T> {
  const list = z.unknown().transform((value, context): z.output<T>[] => {
    const wrong = misfit(value, min, max)
    if (!Array.isArray(value) || wrong !== undefined) {
      context.addIssue({ code: 'custom', message: wrong ?? EXPECTED })
      return z.NEVER
    }
    const items: z.output<T>[] = []
    for (const [index, one] of value.entries()) {
      const parsed = item.safeParse(one)
      if (!parsed.success) {
        for (const issue of parsed.error.issues.slice(0, 1)) {
          context.addIssue({ ...issue, path: [index, ...issue.path] } as Parameters<typeof context.addIssue>[0])
        }
        return z.NEVER
      }
      items.push(parsed.data)
    }
    return items
  })
  shapes.set(list, { item, min, max })
  return list
}

type BoundedList<T extends z.ZodType> = z.ZodType<z.output<T>[]>

const EXPECTED = 'expected array'

function misfit(value: unknown, min: number, max: number): string | undefined {
  if (!Array.isArray(value)) return EXPECTED
  if (value.length > max) return `expected at most ${max} items, received ${value.length}`
  return value.length < min ? `expected ${min} or more items` : undefined
}
