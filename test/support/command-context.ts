import { Readable } from 'node:stream'
import type { CommandContext } from '../../bin/cli/context.ts'

/** A context that keeps what a command prints. */
export interface KeptContext extends CommandContext {
  readonly printed: { out: string; err: string }
}

export function commandContext(overrides: Partial<CommandContext> & { readonly input?: string } = {}): KeptContext {
  const printed = { out: '', err: '' }
  return {
    env: {},
    out: (text) => {
      printed.out += text
    },
    err: (text) => {
      printed.err += text
    },
    stdin: Readable.from([Buffer.from(overrides.input ?? '')]),
    outIsTty: false,
    errIsTty: false,
    columns: Number.POSITIVE_INFINITY,
    ...overrides,
    printed,
  }
}

/** What a command printed, and with which status it ended. */
export interface CommandResult {
  readonly out: string
  readonly err: string
  readonly status: number
}

/**
 * Runs `realmesh` in this process. `main` is imported here, not above: mocha loads test files through `require`,
 * commands are loaded by `import()`, and the two must not each have an error class of their own.
 */
export async function runCommand(argv: readonly string[], context = commandContext()): Promise<CommandResult> {
  const { main } = await import('../../bin/program.ts')
  const status = await main(argv, context)
  return { ...context.printed, status }
}
