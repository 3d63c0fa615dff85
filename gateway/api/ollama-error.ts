/**
 * Errors under `/api`. Clients of Ollama knock there and print what stands in `error` as text; realmesh's own commands
 * and scripts read the members beside it.
 */
import { defined } from '../../core/defined.ts'
import { type HttpProblem, spoken } from '../request/errors.ts'

/** Words for which programs search an error, as not all of them look at the status. */
const OPENINGS: Readonly<Record<string, string>> = { model_not_found: 'model not found: ' }

/** `error` has cause and fix, since such clients show nothing else; `code`, `fix` and `param` are for programs. */
export function ollamaErrorBody(problem: HttpProblem): string {
  return JSON.stringify(ollamaError(problem))
}

/** The same as an object. */
export function ollamaError({ message, fix, type, param, code }: HttpProblem): object {
  const error = spoken({ message: `${OPENINGS[code] ?? ''}${message}`, ...defined({ fix }) })
  return { error, type, code, param, fix }
}
