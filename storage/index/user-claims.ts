/**
 * Nicknames and the place of first sysop: what two users must not both have. A change that also touches a user's shard
 * leaves an intent here first; `settle` or `release` ends it by what the shard holds.
 */
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Shard } from '../shard/shard.ts'
import type { TransactionView } from '../shard/transaction.ts'
import { FIRST_SYSOP_KEY, INTENTS_PREFIX, intentKey, nicknameKey, rowsUnder } from './index-rows.ts'

/** Longest nickname, in UTF-16 units. */
export const MAX_NICKNAME_LENGTH = 64

/** A nickname that a user is about to have, and perhaps has in the shard already. */
export interface NicknameIntent {
  readonly kind: 'nickname'
  readonly guid: string
  readonly nickname: string
  readonly old?: string
}

/** A user who is about to be the first sysop, and perhaps is in the shard already. */
export interface SysopIntent {
  readonly kind: 'sysop'
  readonly guid: string
}

/** The end of a user, of whom rows may be left. */
export interface EraseIntent {
  readonly kind: 'erase'
  readonly guid: string
  readonly nickname?: string
}

export type ClaimIntent = NicknameIntent | SysopIntent | EraseIntent

interface Holder {
  readonly user: string
}

/** Marks that nobody sees, such as those that join two emoji. */
const UNSEEN = /\p{Cf}+/gu
/** What would break the line or turn the direction of a list of names, and halves of characters. */
const UNFIT = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

/** The form in which nicknames are compared: what looks the same but for case, width and blanks is the same. */
export function canonicalNickname(nickname: string): string {
  return nickname.normalize('NFKC').replace(UNSEEN, '').replace(/\s+/g, ' ').trim().toLowerCase()
}

/** Throws `BAD_REQUEST` unless `nickname` can be one. */
export function assertNickname(nickname: string): void {
  if (nickname.length > MAX_NICKNAME_LENGTH || canonicalNickname(nickname) === '') {
    throw new RealmeshError('BAD_REQUEST', `a nickname has 1 to ${MAX_NICKNAME_LENGTH} characters`)
  }
  if (UNFIT.test(nickname)) {
    throw new RealmeshError('BAD_REQUEST', 'a nickname stands on one line, without control characters')
  }
}

export class UserClaims {
  readonly #shard: Shard

  constructor(components: { readonly shard: Shard }) {
    this.#shard = components.shard
  }

  /**
   * Claims the place of first sysop when it is free, and leaves an intent: call `settleSysop` when the account says so.
   * Resolves with whether it was free.
   */
  async claimSysop(user: string, intent: SysopIntent): Promise<boolean> {
    return await this.#shard.transact({
      reads: [FIRST_SYSOP_KEY],
      apply: (view) => {
        if (view.read<Holder>(FIRST_SYSOP_KEY) !== undefined) return false
        view.write(FIRST_SYSOP_KEY, { user })
        view.write(intentKey(user), intent)
        return true
      },
    })
  }

  async settleSysop(user: string): Promise<void> {
    await this.#shard.transact({
      reads: [],
      apply: (view) => {
        view.remove(intentKey(user))
      },
    })
  }

  /** Takes the place of first sysop from all who might come: the operator chose a sysop. */
  async closeSysop(user: string): Promise<void> {
    await this.#shard.transact({
      reads: [FIRST_SYSOP_KEY],
      apply: (view) => {
        if (view.read<Holder>(FIRST_SYSOP_KEY) === undefined) view.write(FIRST_SYSOP_KEY, { user })
      },
    })
  }

  /**
   * Claims a nickname for a user, new or not; an old one stays the user's until `settle`. Leaves an intent: call
   * `settle` when the account is written. Throws `NICKNAME_TAKEN`.
   */
  async claimNickname(user: string, intent: NicknameIntent): Promise<void> {
    await this.#shard.transact({
      reads: [keyOfNickname(intent.nickname)],
      apply: (view) => {
        claimNickname(view, user, intent.nickname)
        view.write(intentKey(user), intent)
      },
    })
  }

  async beginErase(user: string, intent: EraseIntent): Promise<void> {
    await this.#shard.transact({
      reads: [],
      apply: (view) => {
        view.write(intentKey(user), intent)
      },
    })
  }

  /**
   * Ends a nickname intent by what the shard holds now: `nickname` is what the account says, undefined when there is
   * none. What the user does not have is released.
   */
  async settle(user: string, intent: NicknameIntent, nickname: string | undefined): Promise<void> {
    const claimed = [intent.nickname, ...(intent.old === undefined ? [] : [intent.old])]
    const has = nickname === undefined ? undefined : canonicalNickname(nickname)
    await this.#shard.transact({
      reads: claimed.map(keyOfNickname),
      apply: (view) => {
        for (const name of claimed) if (canonicalNickname(name) !== has) releaseNickname(view, user, name)
        view.remove(intentKey(user))
      },
    })
  }

  /** Claims under way, by user. */
  async underWay(): Promise<ReadonlyMap<string, ClaimIntent>> {
    return await rowsUnder<ClaimIntent>(this.#shard, INTENTS_PREFIX)
  }

  /** Who has a nickname; undefined when nobody does. */
  async holderOf(nickname: string): Promise<string | undefined> {
    return (await this.#shard.get<Holder>(keyOfNickname(nickname)))?.user
  }
}

/** Rows that `releaseClaims` reads. */
export function claimedRows(nickname: string | undefined): readonly string[] {
  return [FIRST_SYSOP_KEY, ...(nickname === undefined ? [] : [keyOfNickname(nickname)])]
}

/**
 * Ends all claims of a user that is no more. The place of first sysop stays taken: the next stranger must not inherit
 * it.
 */
export function releaseClaims(view: TransactionView, user: string, nickname: string | undefined): void {
  if (nickname !== undefined) releaseNickname(view, user, nickname)
  if (view.read<Holder>(FIRST_SYSOP_KEY)?.user === user) view.write(FIRST_SYSOP_KEY, { user: '' })
  view.remove(intentKey(user))
}

/** Notes what a user has who was found in a shard, unless another one has it by now. */
export function adoptClaims(view: TransactionView, user: string, nickname: string, sysop: boolean): void {
  if (view.read(keyOfNickname(nickname)) === undefined) view.write(keyOfNickname(nickname), { user })
  // Where there are users there was a first one: the next stranger must not become sysop.
  const first = view.read<Holder>(FIRST_SYSOP_KEY)
  if (first === undefined || (sysop && first.user === '')) view.write(FIRST_SYSOP_KEY, { user: sysop ? user : '' })
}

function keyOfNickname(nickname: string): string {
  return nicknameKey(canonicalNickname(nickname))
}

function claimNickname(view: TransactionView, user: string, nickname: string): void {
  const holder = view.read<Holder>(keyOfNickname(nickname))
  if (holder !== undefined && holder.user !== user) {
    throw new RealmeshError('NICKNAME_TAKEN', `the nickname ${nickname} belongs to another user`, {
      fix: 'choose another one',
    })
  }
  view.write(keyOfNickname(nickname), { user })
}

function releaseNickname(view: TransactionView, user: string, nickname: string): void {
  if (view.read<Holder>(keyOfNickname(nickname))?.user === user) view.remove(keyOfNickname(nickname))
}
