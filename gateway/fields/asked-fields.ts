/**
 * The fields of a body as the table of `core/model/request-fields.ts` names them, and those of them that travel by
 * their own name.
 */
import { BadField } from '../../core/check-value.ts'
import { isSetting, wrongShape } from '../../core/model/request-fields.ts'
import type { Settings } from '../../core/query/query.ts'
import type { AskedFields } from '../answer/ignored-fields.ts'

const NAME = /^[A-Za-z0-9_.-]{1,64}$/

/** Whether the name of a field can be repeated in a header. */
export function mayBeNamed(field: string): boolean {
  return NAME.test(field)
}

type Fields = Readonly<Record<string, unknown>>

/**
 * The fields of `body` in which the client says something. `schema` has those that the endpoint reads; `settings`:
 * whether it carries settings too.
 */
export function askedFields(
  body: unknown,
  schema: { readonly shape: object },
  { settings = false }: { readonly settings?: boolean } = {},
): AskedFields {
  if (!isObject(body)) return { carried: [], dropped: [] }
  const asked = Object.keys(body).filter((field) => mayBeNamed(field) && says(body[field]))
  const reads = (field: string): boolean => Object.hasOwn(schema.shape, field) || (settings && isSetting(field))
  const nested = NESTED.filter(([, has]) => has(body)).map(([field]) => field)
  return { carried: [...asked.filter(reads), ...nested], dropped: asked.filter((field) => !reads(field)) }
}

/** The settings of a body; undefined when it has none. Throws `BadField` for a value of another shape. */
export function toSettings(body: unknown): Settings | undefined {
  if (!isObject(body)) return undefined
  const chosen = Object.entries(body).filter(([field, value]) => isSetting(field) && says(value))
  if (chosen.length === 0) return undefined
  for (const [field, value] of chosen) {
    const shape = wrongShape(field, value)
    if (shape !== undefined) throw new BadField(field, `expected ${shape === 'list' ? 'a list' : `a value: ${shape}`}`)
  }
  return Object.fromEntries(chosen)
}

/** Nothing, and nothing of anything, is no wish. */
function says(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return false
  return typeof value !== 'object' || Object.keys(value).length > 0
}

/** Fields inside others, of which engines take some. */
const NESTED: readonly (readonly [string, (body: Fields) => boolean])[] = [
  ['messages[].name', ({ messages }) => objectsIn(messages).some(({ name, role }) => says(name) && role !== 'tool')],
  [
    'tools[].function.strict',
    ({ tools }) => objectsIn(tools).some((tool) => isObject(tool['function']) && tool['function']['strict'] === true),
  ],
  ['messages[].content[].image_url.detail', ({ messages }) => objectsIn(messages).some(hasDetail)],
]

function hasDetail({ content }: Fields): boolean {
  return objectsIn(content).some(
    ({ image_url: image }) => isObject(image) && says(image['detail']) && image['detail'] !== 'auto',
  )
}

function objectsIn(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
