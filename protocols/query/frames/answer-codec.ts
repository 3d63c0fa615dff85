/** The frames of an answer. */
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { MAX_EVENTS_PER_FRAME } from '../constants.ts'
import { framed } from './frame.ts'
import { Answer } from './messages.ts'

/** The number that a refusal of the whole lane carries: queries count from 1. */
export const LANE_REFUSED = 0

const LIMITS = { limits: { events: MAX_EVENTS_PER_FRAME, events$: { end: { sources: MAX_EVENTS_PER_FRAME } } } }

/** A frame with its length before it. */
export function encodeAnswer(answer: Partial<Answer>): Uint8Array {
  return framed(Answer.encode(answer))
}

/** Throws `PROTOCOL_ERROR`. */
export function decodeAnswer(frame: Uint8Array): Answer {
  try {
    return Answer.decode(frame, LIMITS)
  } catch (cause) {
    throw new RealmeshError('PROTOCOL_ERROR', 'a frame of the answer is malformed', { cause })
  }
}
