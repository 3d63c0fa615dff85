/**
 * `builtin/guide`: answers questions about realmesh from its own documentation, by lexical search, so that a machine
 * without any engine answers something true. It is not a language model and says so.
 */
import type { Model } from '../../core/model/model.ts'
import { textOf } from '../../core/query/chat-text.ts'
import { type ChatBody, isChat, type Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { RunOptions } from '../../core/run/run-query.ts'
import { checkCapabilities, checkSettings, typeRefused } from '../adapter/capability-check.ts'
import type { Engine } from '../adapter/engine.ts'
import { abortError } from '../http/http-errors.ts'
import { buildGuideIndex, type GuideIndex, type Passage, packageRoot } from './guide-index.ts'

/** Kind, and name of its only model. */
export const GUIDE = 'builtin/guide'

/** Passages that one answer quotes. */
const MAX_PASSAGES = 3

/** Characters of one passage that are quoted. */
const MAX_PASSAGE_LENGTH = 900

/** Words of a question that are searched for: a pasted novel must not decide how long a search takes. */
const MAX_QUESTION_LENGTH = 500

const LABEL = 'I am the built-in guide of realmesh, not a language model: I quote its documentation.'
const NOTHING_FOUND =
  'The documentation says nothing about that. For real answers start an engine such as Ollama on this machine, or join nodes that have one. I know about realms, engines, peers, scopes and commands.'

const MODEL: Model = {
  name: GUIDE,
  types: ['chat'],
  capabilities: { vision: false, tools: false, reasoning: false, structured: false, prefill: false },
}

export interface GuideInit {
  /** Folder whose README.md, ARCHITECTURE.md, engines/README.md and docs/ are read. Default: the package's own. */
  readonly root?: string
}

export class GuideEngine implements Engine {
  readonly kind = GUIDE
  readonly url = 'builtin:'
  readonly cancelMode = 'disconnect'
  readonly defaultSlots = 8
  readonly #root: string
  #index: Promise<GuideIndex> | undefined

  constructor(init: GuideInit = {}) {
    this.#root = init.root ?? packageRoot()
  }

  async models(): Promise<readonly Model[]> {
    return [MODEL]
  }

  async *run(query: Query, { signal }: RunOptions): AsyncGenerator<QueryEvent> {
    if (!isChat(query)) throw typeRefused(this.kind, query)
    checkCapabilities(MODEL, query)
    checkSettings(this.kind, query)
    const question = lastQuestion(query.body)
    const index = await this.#load()
    const passages = index.search(question, MAX_PASSAGES)
    const words = guideAnswer(passages).match(/\s*\S+/g) ?? []
    const limit = query.body.sampling?.maxTokens ?? words.length
    for (const text of words.slice(0, limit)) {
      if (signal.aborted) throw abortError(signal)
      yield { kind: 'text', text }
    }
    yield {
      kind: 'end',
      finishReason: limit < words.length ? 'length' : 'stop',
      usage: {
        promptTokens: question.split(/\s+/).filter(Boolean).length,
        completionTokens: Math.min(limit, words.length),
      },
      sources: [...new Set(passages.map((passage) => passage.page))],
    }
  }

  async probe(): Promise<void> {
    await this.#load()
  }

  async close(): Promise<void> {
    this.#index = undefined
  }

  /** Reads the pages at the first question, so that an idle node does not pay for them. */
  #load(): Promise<GuideIndex> {
    this.#index ??= buildGuideIndex(this.#root)
    return this.#index
  }
}

function lastQuestion(body: ChatBody): string {
  const last = body.messages.findLast((message) => message.role === 'user')
  return last === undefined ? '' : textOf(last).slice(0, MAX_QUESTION_LENGTH)
}

/** Ends at a word, and closes a code block that it ends in. */
function excerpt(text: string): string {
  if (text.length <= MAX_PASSAGE_LENGTH) return text
  const cut = text.slice(0, MAX_PASSAGE_LENGTH)
  const whole = cut.slice(0, Math.max(cut.lastIndexOf('\n'), cut.lastIndexOf(' ')))
  const openFence = (whole.match(/^```/gm) ?? []).length % 2 === 1
  return `${whole}${openFence ? '\n```\n' : ' '}…`
}

/** The answer's text: what it is, then each passage under its page and heading. */
export function guideAnswer(passages: readonly Passage[]): string {
  if (passages.length === 0) return `${LABEL}\n\n${NOTHING_FOUND}`
  const quoted = passages.map((each) => `**${each.page}** ${each.heading}\n\n${excerpt(each.text)}`)
  return [LABEL, ...quoted].join('\n\n')
}
