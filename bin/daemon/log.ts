/** The daemon's log: readable on a terminal, JSON lines elsewhere, always on stderr. */
import pino, { type DestinationStream } from 'pino'
import type { LogLevel } from '../../config/schema/node-schema.ts'
import type { Logger } from '../../core/logger.ts'
import { type CommandContext, mayColour } from '../cli/context.ts'

export interface AdjustableLog {
  readonly log: Logger
  /** For a node that reads its configuration again. */
  setLevel(level: LogLevel): void
}

/** Writes at once: the last lines before a crash are the ones that matter, and there are few. */
export async function createLog(level: LogLevel, context: CommandContext): Promise<AdjustableLog> {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  const stderr = pino.destination({ fd: 2, sync: true })
  // A terminal that was closed, or a reader that went away: no line is read any more, and the node still has to stop in
  // order.
  stderr.on('error', () => {})
  const log = pino(options, context.errIsTty ? await prettyStream(context, stderr) : stderr)
  return {
    log,
    setLevel: (next) => {
      log.level = next
    },
  }
}

/** Loaded for a person only: a service saves the time and the memory. */
async function prettyStream(context: CommandContext, destination: DestinationStream): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty')
  return pretty({ destination, sync: true, colorize: mayColour(context), translateTime: 'SYS:HH:MM:ss' })
}
