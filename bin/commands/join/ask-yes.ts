/** Asks the person at the terminal for a yes. */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { CommandContext } from '../../cli/context.ts'

/**
 * Whether they typed y or yes; an empty line and the end of the input are a no. Undefined when `signal` is aborted
 * before.
 */
export async function askYes(
  question: string,
  { stdin, err }: Pick<CommandContext, 'stdin' | 'err'>,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  err(question)
  const lines = createInterface({ input: stdin })
  try {
    const ended = once(lines, 'close', { signal }).then(() => '')
    const typed = once(lines, 'line', { signal }).then(([line]) => String(line))
    return /^\s*(y|yes)\s*$/i.test(await Promise.race([typed, ended]))
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  } finally {
    lines.close()
  }
}
