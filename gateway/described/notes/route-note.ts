/** What is told of one route: to the document at `/openapi.json`, and to the test of who may enter where. */
import type { z } from 'zod'

/**
 * Who may enter: everyone; the bearer of a key, where there are keys; a listed host of another federation; either of
 * the two; the operator, from this machine. The door of each API family enforces it; the access table holds every route
 * against this word.
 */
export type RouteAccess = 'open' | 'user' | 'host' | 'host-or-user' | 'admin'

/** The API families, by whose shape errors are told. */
export type Family = 'openai' | 'anthropic' | 'ollama' | 'rentahal' | 'mcp' | 'federation' | 'realmesh'

/** An answer that comes in pieces. */
export type StreamType = 'text/event-stream' | 'application/x-ndjson'

export interface RouteNote {
  readonly family: Family
  readonly access: RouteAccess
  /** One line. */
  readonly summary: string
  /** The body that it takes; absent: none. */
  readonly body?: z.ZodType
  /** What stands behind the question mark. */
  readonly query?: z.ZodType
  /** Whether the body is a form with a file instead of JSON. */
  readonly form?: boolean
  /** What an answer in one piece holds; absent: some JSON. */
  readonly answer?: z.ZodType
  /** The type of an answer that is no JSON. */
  readonly answerType?: string
  /** How an answer in pieces comes, where there is one. */
  readonly stream?: StreamType
  /** Whether it makes queries of the mesh, with their headers. */
  readonly asks?: boolean
  /** Whether it is only there to refuse, with this status. */
  readonly refuses?: number
}

/** By method and path, as the routes are registered: `POST /v1/chat/completions`, `GET /v1/models/*`. */
export type RouteNotes = Readonly<Record<string, RouteNote>>

/** A route as the gateway has it. */
export interface RegisteredRoute {
  readonly method: string
  readonly path: string
}

/** Under what a route's note stands. */
export function noteKey({ method, path }: RegisteredRoute): string {
  return `${method} ${path}`
}
