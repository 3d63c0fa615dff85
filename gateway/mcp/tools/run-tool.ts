/** Runs a tool. What it fails with is a result that says so: a model reads it and may do better. */
import type { CallToolResult } from '@modelcontextprotocol/server'
import { checkValue } from '../../../core/check-value.ts'
import { defined } from '../../../core/defined.ts'
import { problemOf } from '../../request/error-handler.ts'
import { type HttpProblem, spoken } from '../../request/errors.ts'
import { ToldProgress } from './told-progress.ts'
import type { McpTool } from './tool.ts'
import { ToolRun, type ToolRunComponents } from './tool-run.ts'

export interface RunToolComponents extends Omit<ToolRunComponents, 'message' | 'progress'> {
  /** The message that calls the tool. */
  readonly message: ToolRunComponents['message'] & {
    /** Tells the client something before the answer. */
    readonly notify: (notification: ToldNotification) => Promise<void>
  }
}

export interface ToldNotification {
  readonly method: 'notifications/progress'
  readonly params: {
    readonly progressToken: string | number
    readonly progress: number
    readonly message: string
  }
}

/** Runs the tool with what a client gives it, unchecked. Never rejects. */
export async function runTool(
  { run, input }: McpTool,
  given: unknown,
  { message, ...components }: RunToolComponents,
): Promise<CallToolResult> {
  const { clock, log } = components.context
  const progress = new ToldProgress({ clock, ...defined({ tell: teller(message) }) })
  try {
    const call = new ToolRun({ ...components, message, progress })
    const { content, structured } = await run(checkValue(input, given), call)
    return { content: [...content], structuredContent: structured as Record<string, unknown> }
  } catch (thrown) {
    return failure(problemOf(thrown, log))
  } finally {
    progress.release()
  }
}

function teller({
  notify,
  _meta,
}: RunToolComponents['message']): ((count: number, message: string) => void) | undefined {
  const progressToken = _meta?.['progressToken']
  if (typeof progressToken !== 'string' && typeof progressToken !== 'number') return undefined
  return (progress, message) => {
    // A client that has left hears nothing; its query is ended by its signal.
    notify({ method: 'notifications/progress', params: { progressToken, progress, message } }).catch(() => {})
  }
}

/** Code and fix stand beside the sentence: structured content is held to the schema of the tool, by some clients. */
function failure(problem: HttpProblem): CallToolResult {
  const { code, message, fix, param, headers } = problem
  const seconds = headers['retry-after']
  const retry = seconds === undefined ? undefined : Number(seconds)
  return {
    isError: true,
    content: [{ type: 'text', text: spoken(problem) }],
    _meta: { 'realmesh/error': defined({ code, message, fix, param, retry_after_s: retry }) },
  }
}
