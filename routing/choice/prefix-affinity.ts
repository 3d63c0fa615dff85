/**
 * Which peer served the start of this conversation, and so probably still holds its prompt in memory. Learnt from the
 * messages themselves, nothing to configure; only ever a credit in the ranking, never a rule. Times are arguments.
 */
import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { canonicalModelName } from '../../core/model/model-name.ts'
import type { ChatMessage } from '../../core/query/query.ts'

export interface PrefixAffinityInit {
  /** Conversations that are remembered; the one unused for longest goes first. @default 10_000 */
  readonly maxEntries?: number
  /** Engines drop idle models and their caches after minutes: Ollama after five by default. @default 600_000 */
  readonly ttlMs?: number
}

/**
 * Longest prefixes that are looked for: the last turns of a conversation, of which each is usually one user and one
 * assistant message.
 */
const MAX_KEYS = 32
const DEFAULT_MAX_ENTRIES = 10_000
const DEFAULT_TTL_MS = 600_000

interface Entry {
  readonly node: string
  readonly at: number
}

/**
 * One key per prefix of whole messages, the whole conversation first. Each is the hash of the one before it and the
 * next message, so that all of them cost one pass over the text.
 */
export function prefixKeys(model: string, messages: readonly ChatMessage[]): readonly string[] {
  let key = canonicalModelName(model)
  const keys: string[] = []
  for (const [index, message] of messages.entries()) {
    // Lengths go in first, so that the border between two messages cannot be moved.
    const pieces = piecesOf(message)
    const lengths = pieces.map((piece) => piece.length).join(' ')
    key = hash('sha1', `${key}\n${message.role} ${lengths}\n${pieces.join('')}`, 'base64')
    if (index >= messages.length - MAX_KEYS) keys.push(key)
  }
  return keys.reverse()
}

export class PrefixAffinity {
  readonly #entries: LRUCache<string, Entry>
  readonly #ttlMs: number

  constructor(init: PrefixAffinityInit = {}) {
    this.#entries = new LRUCache({ max: init.maxEntries ?? DEFAULT_MAX_ENTRIES })
    this.#ttlMs = init.ttlMs ?? DEFAULT_TTL_MS
  }

  get size(): number {
    return this.#entries.size
  }

  /** The node that served the longest known prefix; undefined when none is known or it is too long ago. */
  holder(keys: readonly string[], now: number): string | undefined {
    for (const key of keys) {
      const entry = this.#entries.peek(key)
      if (entry !== undefined && now - entry.at <= this.#ttlMs) return entry.node
    }
    return undefined
  }

  /**
   * `node` has served the whole conversation: only that key is kept, so that a common first message ties no
   * conversation to one peer.
   */
  remember(keys: readonly string[], node: string, now: number): void {
    const [whole] = keys
    if (whole === undefined) return
    this.#entries.set(whole, { node, at: now })
  }
}

/** Everything of a message that ends up in the prompt. */
function piecesOf(message: ChatMessage): readonly string[] {
  const content =
    typeof message.content === 'string'
      ? [message.content]
      : message.content.map((part) => (part.type === 'text' ? part.text : part.data))
  const calls = (message.toolCalls ?? []).flatMap((call) => [call.name, call.arguments])
  return [...content, ...calls]
}
