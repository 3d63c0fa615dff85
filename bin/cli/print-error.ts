/** An error as people read it: one line of cause with its code, one line of fix. */
import { toRealmeshError } from '../../core/realmesh-error.ts'

const DEFAULT_FIX = 'run it again with --debug and report what it prints'

/** Two lines; with `debug` the stacks of the error and of its causes follow. */
export function describeError(thrown: unknown, debug: boolean): string {
  const error = toRealmeshError(thrown)
  const fix = error.fix ?? (error.code === 'INTERNAL' ? DEFAULT_FIX : undefined)
  const lines = [`realmesh: ${oneLine(error.message)} [${error.code}]`]
  if (fix !== undefined) lines.push(`  fix: ${oneLine(fix)}`)
  if (debug) lines.push(...stacks(error))
  return `${lines.join('\n')}\n`
}

/** Text from elsewhere must neither break the line nor steer the terminal. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim()
}

function stacks(error: Error): readonly string[] {
  const lines: string[] = []
  for (let current: unknown = error; current instanceof Error && lines.length < 8; current = current.cause) {
    lines.push(current.stack ?? String(current))
  }
  return lines
}
