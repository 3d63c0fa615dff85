/** Values from outside, checked by a zod schema: what is wrong is told as one line about one field. */
import type { z } from 'zod'
import { RealmeshError } from './realmesh-error.ts'

type Issue = z.core.$ZodIssue

/** A request that is wrong in one field. */
export class BadField extends RealmeshError {
  /** Path of the field, such as `messages[0].content`. */
  readonly param: string

  constructor(param: string, message: string, options: { readonly fix?: string } = {}) {
    super('BAD_REQUEST', `${param}: ${message}`, options)
    this.param = param
  }
}

/**
 * `value` as `schema` gives it; throws `BadField` for the first thing that is wrong. `name` is what messages call the
 * whole value; fields inside a value that is itself a field of a request stand below that name: `worker.slots`.
 * @default 'body'
 */
export function checkValue<T>(schema: z.ZodType<T>, value: unknown, name = WHOLE_BODY): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = deepest(parsed.error.issues[0])
  throw new BadField(pathOf(issue?.path ?? [], name), issue === undefined ? 'is not valid' : wordsOf(issue))
}

/** A check of ours may carry an example of what it takes. */
function wordsOf(issue: Issue): string {
  const words = issue.message.replace('Invalid input: ', '')
  const example: unknown = issue.code === 'custom' ? issue.params?.['example'] : undefined
  return typeof example === 'string' ? `${words} such as ${example}` : words
}

/** Within a body fields go by their own names, as clients know them. */
const WHOLE_BODY = 'body'

/** Within a union, the branch that got furthest is the one that was meant. */
function deepest(issue: Issue | undefined): Issue | undefined {
  if (issue?.code !== 'invalid_union') return issue
  const branches = issue.errors.flatMap((branch) => deepest(branch[0]) ?? [])
  const best = branches.sort((a, b) => b.path.length - a.path.length)[0]
  if (best === undefined || best.path.length === 0) return issue
  return { ...best, path: [...issue.path, ...best.path] }
}

function pathOf(path: readonly PropertyKey[], name: string): string {
  if (path.length === 0) return name
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  return name === WHOLE_BODY ? text.replace(/^\./, '') : `${name}${text}`
}
