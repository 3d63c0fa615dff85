/**
 * What a request passes before an admin route: it comes from this machine, through no proxy, and it carries the admin
 * token. User keys open nothing here.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Logger } from '../../core/logger.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { carriedKey } from '../door/credentials.ts'
import { type Arrived, isOfThisMachine } from '../door/forwarded.ts'
import { AdminFailures } from './admin-failures.ts'

export interface AdminDoorComponents {
  readonly clock: Clock
  readonly log: Logger
}

export interface AdminDoorInit {
  /** SHA-256 of the token, hex. */
  readonly tokenHash: string
}

export class AdminDoor {
  readonly #log: Logger
  readonly #digest: Buffer
  readonly #failures: AdminFailures

  constructor({ clock, log }: AdminDoorComponents, { tokenHash }: AdminDoorInit) {
    if (!/^[0-9a-f]{64}$/.test(tokenHash)) throw new TypeError('tokenHash is not a SHA-256 in lower-case hex')
    this.#log = log
    this.#digest = Buffer.from(tokenHash, 'hex')
    this.#failures = new AdminFailures({ clock })
  }

  /** The reason to refuse the request, or undefined. */
  refusal({ headers, socket }: Arrived): RealmeshError | undefined {
    if (!isOfThisMachine({ headers, socket })) {
      return new RealmeshError('FORBIDDEN', 'a node is administered from its own machine only', {
        fix: 'run the command there, for example through ssh',
      })
    }
    const offered = createHash('sha256')
      .update(carriedKey(headers) ?? '')
      .digest()
    return timingSafeEqual(this.#digest, offered) ? undefined : this.#failed()
  }

  #failed(): RealmeshError {
    const { limitReached, retryAfterMs } = this.#failures.note()
    if (limitReached) this.#log.warn({}, 'a program on this machine offers wrong admin tokens')
    if (retryAfterMs === undefined) {
      return new RealmeshError('UNAUTHORIZED', 'the admin token is missing or wrong', {
        fix: 'send the token in the admin.token file of the node\'s home as "Authorization: Bearer TOKEN"',
      })
    }
    const options = { retryable: true, retryAfterMs, fix: 'take the token from the admin.token file of the home' }
    return new RealmeshError('TOO_MANY_FAILURES', 'too many wrong admin tokens within a minute', options)
  }
}
