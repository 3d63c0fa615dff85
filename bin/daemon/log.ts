/** The daemon's log: readable on a terminal, JSON lines elsewhere, always on stderr. */
import pino, { type DestinationStream } from 'pino'
import type { LogLevel } from '../../config/schema/node-schema.ts'
import type { Logger } from '../../core/logger.ts'
import { type CommandContext, mayColour } from '../cli/context.ts'

export interface AdjustableLog {
  readonly log: Logger
  /** Tells the owner at once: a plain line where a person looks on, else a line of the log with these fields. */
  tell(line: string, fields: object): void
  /** For a node that reads its configuration again. */
  setLevel(level: LogLevel): void
}

export interface PersonsLog extends AdjustableLog {
  /** From now on lines are written as they come; those that were held back come first. Twice is harmless. */
  release(): void
}

/**
 * Writes at once: the last lines before a crash are the ones that matter, and there are few. Where a person looks on,
 * lines wait for `release()`, so that what the node tells of its start stands above them.
 */
export async function createLog(level: LogLevel, context: CommandContext): Promise<PersonsLog> {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  const stderr = pino.destination({ fd: 2, sync: true })
  // A terminal that was closed, or a reader that went away: nobody reads any more, and the node still has to stop in
  // order.
  stderr.on('error', () => {})
  const lines = new HeldLines(context.errIsTty ? await prettyStream(context, stderr) : stderr)
  if (!context.errIsTty || !context.outIsTty) lines.release()
  const log = pino(options, lines)
  return {
    log,
    tell: (line, fields) => {
      // What is no JSON the printer of logs hands on as it is.
      if (context.errIsTty) lines.write(`${line}\n`)
      else log.info(fields, line)
    },
    setLevel: (next) => {
      log.level = next
    },
    release: () => lines.release(),
  }
}

class HeldLines {
  readonly #stream: DestinationStream
  #held: string[] | undefined = []

  constructor(stream: DestinationStream) {
    this.#stream = stream
  }

  write(line: string): void {
    if (this.#held === undefined) this.#stream.write(line)
    else this.#held.push(line)
  }

  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const line of held) this.#stream.write(line)
  }
}

/** Loaded for a person only: a service saves the time and the memory. One line per event. */
async function prettyStream(context: CommandContext, destination: DestinationStream): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty')
  const look = { colorize: mayColour(context), translateTime: 'SYS:HH:MM:ss', singleLine: true }
  return pretty({ destination, sync: true, ...look })
}
