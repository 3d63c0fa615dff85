/** An error in OpenAI's shape. */
import type { HttpProblem } from '../../request/errors.ts'

/** Clients show `message` only, so the fix stands in it too. */
export function openAiErrorBody(problem: HttpProblem): string {
  const { message, fix, type, param, code } = problem
  const text = fix === undefined ? message : `${message}. Fix: ${fix}`
  return JSON.stringify({ error: { message: text, type, param: param ?? null, code } })
}
