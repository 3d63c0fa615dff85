/**
 * The tokens of a text or a conversation, as the engine's own tokenizer and template make them: llama-server's pages
 * and vLLM's. Pictures are left out of what is sent, and reckoned.
 */
import { defined } from '../../core/defined.ts'
import { imagesOf } from '../../core/query/chat-text.ts'
import type { ChatBody, ChatQuery, TokensQuery } from '../../core/query/query.ts'
import type { QueryEvent, TokensEvent } from '../../core/query/query-event.ts'
import { MAX_TOLD_TOKENS } from '../../core/query/query-limits.ts'
import { pictureTokens } from '../../core/query/token-estimate.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { garbage } from '../http/http-errors.ts'
import { asCount, asObject, asString, type JsonObject } from '../http/json-shape.ts'
import type { Tokenizer } from './openai-flavours.ts'
import type { OpenAiRequest } from './openai-request.ts'

export interface TokenPages {
  readonly engine: string
  /** The engine's own name of the model. */
  readonly id: string
  /** The reply to a page; what comes before it, such as progress of a load, goes on to the reader. */
  readonly ask: (request: OpenAiRequest) => AsyncGenerator<QueryEvent, JsonObject>
  /** A conversation in the words of `/v1/chat/completions`. */
  readonly chatBody: (query: ChatQuery) => JsonObject
}

type TellTokens = (query: TokensQuery, pages: TokenPages) => AsyncGenerator<QueryEvent>

const END = { kind: 'end', finishReason: 'stop' } as const

/** Tells the tokens: `tokens`, or `text` of ids, then the end. */
export const TELL_TOKENS: Readonly<Record<Tokenizer, TellTokens>> = {
  llama: async function* (query, pages) {
    const { text, chat, ids, detail = 'count', special } = query.body
    if (ids !== undefined) {
      const reply = yield* pages.ask({ path: '/detokenize', body: { tokens: ids } })
      yield textOf(pages, reply['content'])
    } else if (chat !== undefined && detail === 'count') {
      yield counted(chat, yield* llamaCount(query, chat, pages))
    } else {
      const prompt = chat === undefined ? (text ?? '') : yield* llamaPrompt(query, chat, pages)
      const add = chat === undefined ? defined({ add_special: special }) : { add_special: true }
      const body = { content: prompt, parse_special: true, with_pieces: detail === 'pieces', ...add }
      const reply = yield* pages.ask({ path: '/tokenize', body })
      yield listed(pages.engine, reply['tokens'], detail !== 'count')
    }
    yield END
  },
  // Its names of tokens are those of the vocabulary, not what they say: pieces are not told.
  vllm: async function* (query, pages) {
    const { text, chat, ids, detail = 'count', special } = query.body
    const model = pages.id
    if (ids !== undefined) {
      const reply = yield* pages.ask({ path: '/detokenize', body: { model, tokens: ids } })
      yield textOf(pages, reply['prompt'])
    } else {
      const body =
        chat === undefined
          ? { model, prompt: text ?? '', ...defined({ add_special_tokens: special }) }
          : vllmChat(pages.chatBody(asChat(query, chat)))
      const reply = yield* pages.ask({ path: '/tokenize', body })
      const told = listed(pages.engine, reply['tokens'], detail !== 'count')
      yield chat === undefined || detail !== 'count' ? told : counted(chat, told.count)
    }
    yield END
  },
}

/** The server counts a conversation as it would read it; versions that cannot are given its text. */
async function* llamaCount(query: TokensQuery, chat: ChatBody, pages: TokenPages): AsyncGenerator<QueryEvent, number> {
  try {
    const body = pages.chatBody(asChat(query, chat))
    const reply = yield* pages.ask({ path: '/v1/chat/completions/input_tokens', body })
    const count = asCount(reply['input_tokens'])
    if (count === undefined) throw garbage(pages.engine, 'a count that is none')
    return count
  } catch (error) {
    if (!(error instanceof RealmeshError) || error.code !== 'CAPABILITY_MISSING') throw error
    const content = yield* llamaPrompt(query, chat, pages)
    const reply = yield* pages.ask({ path: '/tokenize', body: { content, add_special: true, parse_special: true } })
    return listed(pages.engine, reply['tokens'], false).count
  }
}

/** What the template makes of a conversation. */
async function* llamaPrompt(query: TokensQuery, chat: ChatBody, pages: TokenPages): AsyncGenerator<QueryEvent, string> {
  const reply = yield* pages.ask({ path: '/apply-template', body: pages.chatBody(asChat(query, chat)) })
  const prompt = asString(reply['prompt'])
  if (prompt === undefined) throw garbage(pages.engine, 'no prompt')
  return prompt
}

function vllmChat({ model, messages, tools, chat_template_kwargs, ...rest }: JsonObject): JsonObject {
  const goesOn = rest['continue_final_message'] === true
  const opening = goesOn ? { continue_final_message: true, add_generation_prompt: false } : {}
  return { model, messages, ...defined({ tools, chat_template_kwargs }), ...opening }
}

/** The conversation as a query of its own, without its pictures. */
function asChat(query: TokensQuery, chat: ChatBody): ChatQuery {
  const messages = chat.messages.map((message) =>
    typeof message.content === 'string' || imagesOf(message).length === 0
      ? message
      : { ...message, content: message.content.filter(({ type }) => type === 'text') },
  )
  return { ...query, type: 'chat', body: { ...chat, messages } }
}

/** A count is an estimate once a picture is in it. */
function counted(chat: ChatBody, count: number): TokensEvent {
  const pictures = pictureTokens(chat)
  return { kind: 'tokens', count: count + pictures, ...(pictures > 0 && { estimated: true }) }
}

function textOf({ engine }: TokenPages, text: unknown): QueryEvent {
  const told = asString(text)
  if (told === undefined) throw garbage(engine, 'a text that is none')
  return { kind: 'text', text: told }
}

/** A list of ids, or of ids with what they say: a text, or bytes where it is none by itself. */
function listed(engine: string, value: unknown, wanted: boolean): TokensEvent {
  if (!Array.isArray(value)) throw garbage(engine, 'tokens that are no list')
  const count = value.length
  if (!wanted || count > MAX_TOLD_TOKENS) return { kind: 'tokens', count }
  const ids = value.map((token) => idOf(engine, token))
  const pieces = value.flatMap((token) => pieceOf(asObject(token)?.['piece']))
  return { kind: 'tokens', count, ids, ...(pieces.length === count && count > 0 && { pieces }) }
}

function idOf(engine: string, token: unknown): number {
  const id = asCount(typeof token === 'number' ? token : asObject(token)?.['id'])
  if (id === undefined || id > 0xffff_ffff) throw garbage(engine, 'a token that is none')
  return id
}

function pieceOf(piece: unknown): readonly Uint8Array[] {
  if (typeof piece === 'string') return [new TextEncoder().encode(piece)]
  return Array.isArray(piece) ? [Uint8Array.from(piece, Number)] : []
}
