/** A change of one account as a transaction. */
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Transaction } from '../shard/transaction.ts'
import { type Account, type AccountChanges, changedAccount } from './account.ts'
import { accountKey, type UserRef } from './keys.ts'

/** Throws `USER_NOT_FOUND`. */
export function changeOf(user: UserRef, changes: AccountChanges): Transaction<Account> {
  const key = accountKey(user.key)
  return {
    reads: [key],
    apply: (view) => {
      const before = view.read<Account>(key)
      if (before === undefined) throw userNotFound()
      const after = changedAccount(before, changes)
      view.write(key, after)
      return after
    },
  }
}

/** Says where the operator finds who there is. */
export function userNotFound(): RealmeshError {
  return new RealmeshError('USER_NOT_FOUND', 'there is no such user', { fix: 'realmesh users list shows who there is' })
}
