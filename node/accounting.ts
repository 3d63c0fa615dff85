/**
 * Writes down what queries cost and who computed for whom, behind the answers: nothing waits for it, and a store that refuses is told
 * to the operator, not to the client whose answer is already there.
 */
import { LRUCache } from 'lru-cache'
import type { Clock } from '../core/clock.ts'
import type { Logger } from '../core/logger.ts'
import { type ChatBody, isChat, type Query } from '../core/query.ts'
import type { QueryEvent } from '../core/query-event.ts'
import { toRealmeshError } from '../core/realmesh-error.ts'
import type { RouteReceipt, ServedPart } from '../core/receipt.ts'
import type { UserData } from '../storage/user-data.ts'

/** The seed's prices, in credits: a query, and each second of it. */
const COST_PER_QUERY = 0.01
const COST_PER_SECOND = 0.001

/** Users whose account was seen lately: it is there, and whether it keeps history is known. */
const MAX_KNOWN_USERS = 10_000

/** How long a changed history setting may take to be seen. */
const KNOWN_FOR_MS = 60_000

/** Longest prompt or answer that is kept, characters: as much as a query may hold. */
const MAX_KEPT_CHARACTERS = 2 ** 20

export interface AccountingComponents {
  readonly data: Pick<UserData, 'user' | 'recordQuery' | 'ledger'>
  readonly clock: Clock
  readonly log: Logger
}

export interface AccountingInit {
  /** This node's peer id. */
  readonly self: string
}

/** One own query while it runs. */
export interface OpenAccount {
  saw(event: QueryEvent): void
  ended(receipt: RouteReceipt): void
}

export class Accounting {
  readonly #components: AccountingComponents
  readonly #self: string
  /** User to whether prompts and answers are kept. */
  readonly #known = new LRUCache<string, { readonly history: boolean }>({ max: MAX_KNOWN_USERS, ttl: KNOWN_FOR_MS })
  #failures = 0
  readonly #writing = new Set<Promise<void>>()

  constructor(components: AccountingComponents, init: AccountingInit) {
    this.#components = components
    this.#self = init.self
  }

  /** What the operator should know, one line each. */
  warnings(): readonly string[] {
    return this.#failures === 0 ? [] : [`${this.#failures} records of queries could not be written; the log tells why`]
  }

  /** The user's account changed: his next query looks at it again. */
  forget(user: string): void {
    this.#known.delete(user)
  }

  /** Opens the account of an own query. */
  open(query: Query): OpenAccount {
    const answer: string[] = []
    const keeps = this.#known.get(query.user)?.history ?? true // unknown yet: kept until the account says otherwise
    return {
      saw: (event) => {
        if (keeps && event.kind === 'text') answer.push(event.text)
      },
      ended: (receipt) => {
        this.#settle(this.#record(query, receipt, answer))
      },
    }
  }

  /** Notes a query that was served for a peer. */
  servedPeer(query: Query, peer: string, part: ServedPart, tookMs: number): void {
    const { data, clock } = this.#components
    const { promptTokens, completionTokens } = part
    const event = { kind: 'served' as const, at: clock.wall(), peer, tookMs, promptTokens, completionTokens }
    this.#settle(data.ledger.recordServed(query.id, event))
  }

  async #record(query: Query, receipt: RouteReceipt, answer: readonly string[]): Promise<void> {
    const { data } = this.#components
    const known = this.#known.get(query.user) ?? (await data.user(query.user))
    this.#known.set(query.user, { history: known.history })
    const last = receipt.attempts.at(-1)
    const served = receipt.attempts.flatMap((attempt) => attempt.served ?? [])
    const sum = (field: 'promptTokens' | 'completionTokens'): number =>
      served.reduce((total, part) => total + part[field], 0)
    await data.recordQuery(query.user, {
      id: receipt.id,
      type: receipt.type,
      realm: receipt.realm,
      model: receipt.modelAsked,
      startedAt: receipt.at,
      tookMs: Math.round(receipt.totalMs),
      promptTokens: sum('promptTokens'),
      completionTokens: sum('completionTokens'),
      cost: receipt.outcome === 'served' ? COST_PER_QUERY + (receipt.totalMs / 1_000) * COST_PER_SECOND : 0,
      outcome: receipt.outcome,
      receipt: receipt.id,
      ...(receipt.modelServed === undefined ? {} : { modelServed: receipt.modelServed }),
      ...(last === undefined || last.node === this.#self ? {} : { peer: last.node }),
      ...(last?.worker === undefined ? {} : { worker: last.worker }),
      ...(known.history ? { prompt: promptOf(query), answer: answer.join('').slice(0, MAX_KEPT_CHARACTERS) } : {}),
    })
  }

  #settle(writing: Promise<unknown>): void {
    const settled = writing.then(
      () => {},
      (thrown: unknown) => this.#failed(thrown),
    )
    this.#writing.add(settled)
    void settled.then(() => this.#writing.delete(settled))
  }

  /** Resolves when everything that was noted is written, or has failed. */
  async settled(): Promise<void> {
    await Promise.all(this.#writing)
  }

  #failed(thrown: unknown): void {
    this.#failures += 1
    // The first of a series is told at once; the status counts the rest.
    if (this.#failures > 1) return
    const { code, message, fix } = toRealmeshError(thrown)
    this.#components.log.error({ code, fix }, `accounting: ${message}`)
  }
}

/** What the user asked, as text: the last message of a conversation. */
function promptOf(query: Query): string {
  if (isChat(query)) return lastText(query.body).slice(0, MAX_KEPT_CHARACTERS)
  const text = query.type === 'imagine' ? query.body.prompt : query.body.inputs.join('\n')
  return text.slice(0, MAX_KEPT_CHARACTERS)
}

function lastText({ messages }: ChatBody): string {
  const content = messages.findLast(({ role }) => role === 'user')?.content ?? ''
  if (typeof content === 'string') return content
  return content.flatMap((part) => (part.type === 'text' ? part.text : [])).join('\n')
}
