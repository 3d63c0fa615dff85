import { type Logger, silentLogger } from '../../core/logger.ts'
import { QueryLog } from '../../node/route/query-log.ts'

/** Tells nothing. */
export const silentQueryLog = new QueryLog(silentLogger)

/** A log of queries at level debug, and the lines that it was told: each its message, then its fields. */
export function keptQueryLog(): {
  readonly log: QueryLog
  readonly lines: (readonly [string, Record<string, unknown>])[]
} {
  const lines: (readonly [string, Record<string, unknown>])[] = []
  const log: Pick<Logger, 'debug' | 'isLevelEnabled'> = {
    debug: (fields, message) => lines.push([message, { ...fields }]),
    isLevelEnabled: () => true,
  }
  return { log: new QueryLog(log), lines }
}
