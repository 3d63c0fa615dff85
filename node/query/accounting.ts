/**
 * Writes down what queries cost, behind the answers: nothing waits for it, and a store that refuses is told to the
 * operator, not to the client whose answer is already there.
 */
import { LRUCache } from 'lru-cache'
import type { Logger } from '../../core/logger.ts'
import { askedText } from '../../core/query/chat-text.ts'
import type { Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { RouteReceipt } from '../../core/query/receipt.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { type FinishedQuery, MAX_KEPT_TEXT } from '../../storage/rows/query-row.ts'
import type { UserData } from '../../storage/user-data.ts'
import { costOf, type Prices } from '../users/prices.ts'

/** Users whose account was seen lately: it is there, and whether it keeps history is known. */
const MAX_KNOWN_USERS = 10_000

/** How long a changed history setting may take to be seen. */
const KNOWN_FOR_MS = 60_000

export interface AccountingComponents {
  readonly data: Pick<UserData, 'user' | 'recordQuery' | 'flush'>
  readonly clock: Clock
  readonly log: Logger
}

export interface AccountingInit {
  /** This node's peer id. */
  readonly self: string
  readonly prices: Prices
}

export interface OpenAccountInit {
  /** Its id is the client's, which may ask under it again. */
  readonly idChosen: boolean
  /** `false`: nothing of its texts is written down, whatever the user keeps. @default true */
  readonly keepsTexts?: boolean
}

/** One own query while it runs. */
export interface OpenAccount {
  saw(event: QueryEvent): void
  ended(receipt: RouteReceipt): void
}

/** All that is known of a query when it has ended. */
interface EndedQuery {
  readonly query: Query
  readonly idChosen: boolean
  readonly keepsTexts: boolean
  readonly receipt: RouteReceipt
  /** The answer's text as it came. */
  readonly answer: readonly string[]
}

/** What is known of a user until it may have changed. */
interface AccountedUser {
  /** Whether prompts and answers are kept. */
  readonly history: boolean
  /** By the monotonic clock. */
  readonly until: number
}

export class Accounting {
  readonly #components: AccountingComponents
  readonly #self: string
  readonly #prices: Prices
  /** The table's own time to live would wake the process for every look at it. */
  readonly #known = new LRUCache<string, AccountedUser>({ max: MAX_KNOWN_USERS })
  /** Users that are looked up or made just now. */
  readonly #meeting = new Map<string, Promise<AccountedUser>>()
  #failures = 0
  #writing = 0
  readonly #waiters = new Set<() => void>()

  constructor(components: AccountingComponents, init: AccountingInit) {
    this.#components = components
    this.#self = init.self
    this.#prices = init.prices
  }

  /** What the operator should know, one line each. */
  warnings(): readonly string[] {
    return this.#failures === 0 ? [] : [`${this.#failures} records of queries could not be written; the log tells why`]
  }

  /** The user's account changed: their next query looks at it again. */
  forget(user: string): void {
    this.#known.delete(user)
  }

  /** Resolves when what the user's queries used that have ended is on its way to the store. */
  async caughtUp(user: string): Promise<void> {
    await this.#meeting.get(user)?.catch(() => {})
  }

  /** Opens the account of an own query. */
  open(query: Query, { idChosen, keepsTexts: wanted = true }: OpenAccountInit): OpenAccount {
    const keepsTexts = wanted && query.type !== 'tokens' // of what is only counted nothing is kept
    const answer: string[] = []
    let room = MAX_KEPT_TEXT + 1 // one more shows that it was cut
    const known = this.#knownOf(query.user)
    const keeps = keepsTexts && (known?.history ?? true) // unknown yet: kept until the account says otherwise
    return {
      saw: (event) => {
        if (!keeps || event.kind !== 'text' || room <= 0) return
        answer.push(event.text)
        room -= event.text.length
      },
      ended: (receipt) => {
        this.#settle(() => this.#record({ query, idChosen, keepsTexts, receipt, answer }, known))
      },
    }
  }

  /** Resolves when everything that was noted is written, or has failed. What waits for company does so no longer. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#meeting.values())
    await this.#components.data.flush()
    if (this.#writing > 0) await new Promise<void>((resolve) => this.#waiters.add(resolve))
  }

  /**
   * `known` may be as old as the query: whether texts are kept is decided once more, by the account, when the record is
   * written.
   */
  #record(ended: EndedQuery, known: AccountedUser | undefined): Promise<unknown> {
    const { data } = this.#components
    const { user } = ended.query
    if (known !== undefined) return data.recordQuery(user, this.#finished(ended, known))
    return this.#meet(user).then((met) => data.recordQuery(user, this.#finished(ended, met)))
  }

  #meet(user: string): Promise<AccountedUser> {
    let meeting = this.#meeting.get(user)
    if (meeting === undefined) {
      meeting = this.#lookUp(user).finally(() => this.#meeting.delete(user))
      this.#meeting.set(user, meeting)
    }
    return meeting
  }

  async #lookUp(user: string): Promise<AccountedUser> {
    const { data, clock } = this.#components
    const { history } = await data.user(user)
    const known = { history, until: clock.monotonic() + KNOWN_FOR_MS }
    this.#known.set(user, known)
    return known
  }

  #knownOf(user: string): AccountedUser | undefined {
    const known = this.#known.get(user)
    return known === undefined || known.until < this.#components.clock.monotonic() ? undefined : known
  }

  #finished(ended: EndedQuery, known: AccountedUser): FinishedQuery {
    const { query, idChosen, receipt, answer } = ended
    const keeps = ended.keepsTexts && known.history
    const last = receipt.attempts.at(-1)
    let promptTokens = 0
    let completionTokens = 0
    for (const attempt of receipt.attempts) {
      promptTokens += attempt.promptTokens ?? 0
      completionTokens += attempt.completionTokens ?? 0
    }
    return {
      id: receipt.id,
      idChosen: idChosen ? true : undefined,
      type: receipt.type,
      realm: receipt.realm,
      model: receipt.modelAsked,
      modelServed: receipt.modelServed,
      startedAt: receipt.at,
      tookMs: Math.round(receipt.totalMs),
      promptTokens,
      completionTokens,
      cost: costOf(receipt, this.#prices),
      outcome: receipt.outcome,
      peer: last?.node === this.#self ? undefined : last?.node,
      worker: last?.worker,
      prompt: keeps ? askedText(query) : undefined,
      answer: keeps ? answer.join('') : undefined,
    }
  }

  /** Never throws: an answer must not fail because it could not be noted. */
  #settle(write: () => Promise<unknown>): void {
    this.#writing += 1
    try {
      write().then(this.#ended, this.#failed)
    } catch (thrown) {
      this.#failed(thrown)
    }
  }

  readonly #ended = (): void => {
    this.#writing -= 1
    if (this.#writing > 0) return
    for (const tell of this.#waiters) tell()
    this.#waiters.clear()
  }

  readonly #failed = (thrown: unknown): void => {
    this.#failures += 1
    this.#ended()
    // The first of a series is told at once; the status counts the rest.
    if (this.#failures > 1) return
    const { code, message, fix } = toRealmeshError(thrown)
    this.#components.log.error({ code, fix }, `accounting: ${message}`)
  }
}
