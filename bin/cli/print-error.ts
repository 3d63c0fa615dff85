/** An error as people read it: one line of cause with its code, one line of fix. */
import { cleanText } from '../../core/clean-text.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'

const DEFAULT_FIX = 'run it again with --debug and report what it prints'

/** Two lines; with `debug` the stacks of the error and of its causes follow. */
export function describeError(thrown: unknown, debug: boolean): string {
  const error = toRealmeshError(thrown)
  const fix = error.fix ?? (error.code === 'INTERNAL' ? DEFAULT_FIX : undefined)
  const lines = [`realmesh: ${cleanText(error.message)} [${error.code}]`]
  if (fix !== undefined) lines.push(`  fix: ${cleanText(fix)}`)
  if (debug) lines.push(...stacks(error))
  return `${lines.join('\n')}\n`
}

function stacks(error: Error): readonly string[] {
  const lines: string[] = []
  for (let current: unknown = error; current instanceof Error && lines.length < 8; current = current.cause) {
    lines.push(current.stack ?? String(current))
  }
  return lines
}
