/** The daemon's log: readable on a terminal, JSON lines elsewhere, always on stderr. */
import pino from 'pino'
import pretty from 'pino-pretty'
import type { Logger } from '../core/logger.ts'
import type { LogLevel } from '../node/config/config.ts'
import { type CommandContext, mayColour } from './context.ts'

/** Writes at once: the last lines before a crash are the ones that matter, and there are few. */
export function createLog(level: LogLevel, context: CommandContext): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  if (!context.errIsTty) return pino(options, pino.destination({ fd: 2, sync: true }))
  const stream = pretty({ destination: 2, sync: true, colorize: mayColour(context), translateTime: 'SYS:HH:MM:ss' })
  return pino(options, stream)
}
