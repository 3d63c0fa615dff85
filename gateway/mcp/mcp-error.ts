/** Errors of the door `/mcp` itself, as JSON-RPC has them. What a tool fails with is a result of the tool. */
import { defined } from '../../core/defined.ts'
import { type HttpProblem, spoken } from '../request/errors.ts'

/** JSON-RPC's code for errors of a server's own. */
const SERVER_ERROR = -32_000

export function mcpErrorBody(problem: HttpProblem): string {
  const { code, fix } = problem
  const error = { code: SERVER_ERROR, message: spoken(problem), data: defined({ code, fix }) }
  return JSON.stringify({ jsonrpc: '2.0', error, id: null })
}
