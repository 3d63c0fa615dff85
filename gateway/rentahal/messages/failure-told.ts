/** What went wrong, in the words that RENT-A-HAL's clients know. */
import type { Logger } from '../../../core/logger.ts'
import { type ErrorCode, RealmeshError, toRealmeshError } from '../../../core/realmesh-error.ts'
import { problemOf } from '../../request/error-handler.ts'
import { spoken } from '../../request/errors.ts'
import { FAILED_AT, type FailedAt, NO_WORKER_NODES, NOBODY_SERVES } from '../query/failure-words.ts'
import type { Told } from '../realm-connection-manager.ts'
import { errorTold } from './told.ts'

/** What the banned are told, over whichever way they come. */
export const BANNED = 'You are banned from using this service.'

/** Sentences of the original, or for what it never said. */
const SENTENCES: Readonly<Partial<Record<ErrorCode, string>>> = {
  REALM_OVERLOADED: 'Queue is full, please try again later',
  NICKNAME_TAKEN: 'Nickname already taken',
  USER_BANNED: BANNED,
  TERMINATED: 'Query terminated by a sysop',
  CANCELLED: 'Query cancelled',
}

/** Codes that say of the message itself what is wrong with it. */
const OF_MESSAGE: ReadonlySet<ErrorCode> = new Set(['BAD_REQUEST', 'PROMPT_TOO_LARGE'])

export interface FailureInit {
  readonly log: Logger
  /** What was being done; absent: the message itself was read. */
  readonly opening?: FailedAt | undefined
  /** What stands beside, for clients that know it. */
  readonly more?: object
}

export function failureTold(thrown: unknown, { log, opening, more }: FailureInit): Told {
  const { code } = toRealmeshError(thrown)
  const sentence = SENTENCES[code]
  if (sentence !== undefined) return errorTold(sentence, more)
  const problem = problemOf(thrown, log)
  if (opening === undefined || OF_MESSAGE.has(code)) return errorTold(messageOf(thrown) ?? spoken(problem), more)
  const inner = NOBODY_SERVES.has(code) ? NO_WORKER_NODES : `${problem.status}: ${spoken(problem)}`
  return errorTold(`${opening === FAILED_AT.query ? '500: ' : ''}${opening}: ${inner}`, more)
}

/** Of what is wrong with a message: its sentence stands alone, as the original's does. */
function messageOf(thrown: unknown): string | undefined {
  return thrown instanceof RealmeshError && OF_MESSAGE.has(thrown.code) ? thrown.message : undefined
}
