/** How a command tells what came of it: an answer to stdout, a remark to stderr, JSON on one line, an error in two. */
import { cleanText } from '../../core/clean-text.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { Invocation } from './command.ts'
import { EXIT } from './exit-codes.ts'

export interface Result {
  /** What `--json` prints instead of text and note. */
  readonly json: unknown
  /** What was asked for, with its line end: goes to stdout. */
  readonly text?: string
  /** What was done, without a line end: goes to stderr. */
  readonly note?: string
  /** What the reader must know, with `--json` too: goes to stderr. */
  readonly warning?: string
  /** @default 0 */
  readonly status?: number
}

/** Prints a result as the flags want it; gives the exit status. */
export function printResult({ flags, context }: Pick<Invocation, 'flags' | 'context'>, result: Result): number {
  const { json, text, note, warning, status = EXIT.ok } = result
  if (flags['json'] === true) context.out(`${JSON.stringify(json)}\n`)
  else {
    if (text !== undefined) context.out(text)
    if (note !== undefined) context.err(`${note}\n`)
  }
  if (warning !== undefined) context.err(`! ${warning}\n`)
  return status
}

const DEFAULT_FIX = 'run it again with --debug and report what it prints'

/** One line of cause with the code, one line of fix; with `debug` the stacks of the error and of its causes follow. */
export function describeError(thrown: unknown, debug: boolean): string {
  const error = toRealmeshError(thrown)
  const fix = error.fix ?? (error.code === 'INTERNAL' ? DEFAULT_FIX : undefined)
  const lines = [`realmesh: ${cleanText(error.message)} [${error.code}]`]
  if (fix !== undefined) lines.push(`  fix: ${cleanText(fix)}`)
  if (debug) lines.push(...stacks(error))
  return `${lines.join('\n')}\n`
}

/** More causes than an error of ours has. */
const MAX_STACKS = 8

/** The error, then its causes; of several failures at once, each. */
function stacks(error: Error): readonly string[] {
  const lines: string[] = []
  const waiting: unknown[] = [error]
  for (
    let current = waiting.shift();
    current instanceof Error && lines.length < MAX_STACKS;
    current = waiting.shift()
  ) {
    lines.push(current.stack ?? String(current))
    if (current instanceof AggregateError) waiting.push(...current.errors)
    if (current.cause !== undefined) waiting.push(current.cause)
  }
  return lines
}
