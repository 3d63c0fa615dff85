/** Words of RENT-A-HAL for failures, the same over REST and on the socket: clients search for them. */
import type { ErrorCode } from '../../../core/realmesh-error.ts'

/** What stands before the cause, by what was being done. */
export const FAILED_AT = {
  query: 'Error processing query',
  hearing: 'Error in speech to text processing',
  speaking: 'Error in text to speech processing',
} as const

export type FailedAt = (typeof FAILED_AT)[keyof typeof FAILED_AT]

/** Where nothing is there that could answer. */
export const NO_WORKER_NODES = '503: No available worker nodes'

/** Codes that say so. Queries of RENT-A-HAL name no ability but their type: a lack of one is a lack of workers. */
export const NOBODY_SERVES: ReadonlySet<ErrorCode> = new Set([
  'NO_WORKER',
  'MODEL_NOT_FOUND',
  'REALM_NOT_FOUND',
  'CAPABILITY_MISSING',
  'PEER_UNREACHABLE',
])
