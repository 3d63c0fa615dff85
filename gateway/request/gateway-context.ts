/** What the routes of every API family are given. */
import type { FastifyRequest } from 'fastify'
import type { Logger } from '../../core/logger.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { NodeApi } from '../../node/api/node-api.ts'
import type { KeyRing } from '../door/credentials.ts'

export interface GatewayContext {
  readonly node: NodeApi
  readonly log: Logger
  readonly clock: Clock
  readonly keys: KeyRing
  readonly version: string
}

/** The user key of the caller, as the door found it. */
export function userOf(request: FastifyRequest): string {
  return request.realmeshUser
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the door (`door.ts`) before any handler runs. */
    realmeshUser: string
    /** The address of this gateway as the client called it, such as `https://rig.lan`; set by the door too. */
    realmeshOrigin: string
  }
}
