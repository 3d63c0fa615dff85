/**
 * Which of two APIs a request for the same path speaks: programs for Anthropic's say the version that they were written
 * for.
 */
import type { IncomingMessage } from 'node:http'

/** Of a route that only they are to find. */
export const FOR_ANTHROPIC = { dialect: 'anthropic' } as const

/** A way to choose routes, for the router of the whole gateway. */
export const dialectConstraint = {
  name: 'dialect',
  mustMatchWhenDerived: false,
  deriveConstraint: ({ headers }: IncomingMessage): string =>
    headers['anthropic-version'] === undefined ? '' : FOR_ANTHROPIC.dialect,
  validate: (): boolean => true,
  storage: () => {
    // Of handlers, whose type only the router knows.
    const routes = new Map<string, never>()
    return {
      get: (dialect: string) => routes.get(dialect) ?? null,
      set: (dialect: string, route: never) => {
        routes.set(dialect, route)
      },
    }
  },
}
