/** What is wrong with a body, as one line about one field. */
import type { z } from 'zod'
import { BadField } from './errors.ts'

type Issue = z.core.$ZodIssue

/** Parses `body` by `schema`; throws `BadField` for the first thing that is wrong. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw badField(parsed.error.issues)
}

function badField(issues: readonly Issue[]): BadField {
  const issue = deepest(issues[0])
  return new BadField(
    issue === undefined ? 'body' : pathOf(issue.path),
    (issue?.message ?? 'is not valid').replace('Invalid input: ', ''),
  )
}

/** Within a union, the branch that got furthest is the one that was meant. */
function deepest(issue: Issue | undefined): Issue | undefined {
  if (issue?.code !== 'invalid_union') return issue
  const branches = issue.errors.flatMap((branch) => deepest(branch[0]) ?? [])
  const best = branches.sort((a, b) => b.path.length - a.path.length)[0]
  if (best === undefined || best.path.length === 0) return issue
  return { ...best, path: [...issue.path, ...best.path] }
}

function pathOf(path: readonly PropertyKey[]): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  return text === '' ? 'body' : text.replace(/^\./, '')
}
