import { RealmeshError } from '../../core/realmesh-error.ts'

/** Why a banned user is refused, and what their queries end with. */
export function userBanned(): RealmeshError {
  return new RealmeshError('USER_BANNED', 'the operator of this node shut this user out', {
    fix: 'ask the operator of the node',
  })
}
