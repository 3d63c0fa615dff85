/**
 * Errors under `/api`. Clients of Ollama knock there and print what stands in `error` as text; realmesh's own commands
 * and scripts read the members beside it.
 */
import type { HttpProblem } from '../request/errors.ts'

/** `error` has cause and fix, since such clients show nothing else; `code`, `fix` and `param` are for programs. */
export function ollamaErrorBody({ message, fix, type, param, code }: HttpProblem): string {
  return JSON.stringify({ error: fix === undefined ? message : `${message}. Fix: ${fix}`, type, code, param, fix })
}
