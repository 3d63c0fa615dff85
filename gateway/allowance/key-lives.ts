/** How long the work of each key may go on: until its owner takes the key back. */
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { type LinkedAbort, linkedAbort } from '../../core/run/linked-abort.ts'

export class KeyLives {
  readonly #byUser = new Map<string, LinkedAbort>()

  /** The users of the keys that there are. What runs for any other ends with `KEY_REMOVED`, before this returns. */
  replace(users: readonly string[]): void {
    const left = new Map(this.#byUser)
    for (const user of users) {
      if (!left.delete(user)) this.#byUser.set(user, linkedAbort())
    }
    for (const [user, life] of left) {
      this.#byUser.delete(user)
      life.abort(keyRemoved())
    }
  }

  /** Aborts when the key is taken back. Throws `KEY_REMOVED` where it was before. */
  of(user: string): CancelSignal {
    const life = this.#byUser.get(user)
    if (life === undefined) throw keyRemoved()
    return life.signal
  }
}

function keyRemoved(): RealmeshError {
  return new RealmeshError('KEY_REMOVED', 'the owner of the node took this API key back', {
    fix: 'ask the owner of the node for another: realmesh keys add',
  })
}
