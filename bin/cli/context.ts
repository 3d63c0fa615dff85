/** What a command may touch of its process; tests give it something else. */

export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Answers: what a pipe gets. */
  readonly out: (text: string) => void
  /** Everything else: progress, footers, errors. */
  readonly err: (text: string) => void
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean | undefined }
  /** Whether answers go to a person. */
  readonly outIsTty: boolean
  readonly errIsTty: boolean
  /** Columns of the terminal that shows answers; infinite where a pipe or a file takes them. */
  readonly columns: number
}

/**
 * The real process. A reader that goes away (`| head`) ends the command quietly; a terminal that was closed ends
 * nothing by itself.
 */
export function processContext(): CommandContext {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0)
      if (error.code === 'EIO') return
      throw error
    })
  }
  return {
    env: process.env,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    stdin: process.stdin,
    outIsTty: process.stdout.isTTY === true,
    errIsTty: process.stderr.isTTY === true,
    // A terminal that does not know its width says 0.
    columns: (process.stdout.isTTY === true && process.stdout.columns) || Number.POSITIVE_INFINITY,
  }
}

/** Whether to colour what goes to stderr: a terminal, and no `NO_COLOR`. */
export function mayColour(context: CommandContext): boolean {
  const asked = context.env['NO_COLOR']
  return context.errIsTty && (asked === undefined || asked === '') && context.env['TERM'] !== 'dumb'
}
