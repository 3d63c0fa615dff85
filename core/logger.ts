/**
 * What parts log to: structured fields first, one sentence second. Prompts, answers, keys and GUIDs are never among the
 * fields.
 */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  /** Whether such lines are written: asked before one is put together on the path of a query. */
  isLevelEnabled(level: 'debug'): boolean
}

const nothing = (): void => {}

/** Drops everything: the default of parts that are used outside the daemon, and of tests. */
export const silentLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  isLevelEnabled: () => false,
}
