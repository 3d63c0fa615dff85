/** What is asked of tokens: in llama-server's words (`content`), or in vLLM's (`prompt`, `messages`). */
import { z } from 'zod'
import { BadField, checkValue } from '../../core/check-value.ts'
import { defined } from '../../core/defined.ts'
import { boundedList } from '../../core/json/bounded-list.ts'
import { MAX_MODEL_NAME_LENGTH } from '../../core/model/model-name.ts'
import { textOf } from '../../core/query/chat-text.ts'
import { assertTextFits } from '../../core/query/prompt-size.ts'
import type { ChatBody, TokensBody } from '../../core/query/query.ts'
import { MAX_TOLD_TOKENS } from '../../core/query/query-limits.ts'
import { toChatBody } from '../openai/chat/chat-request.ts'
import { chatSchema } from '../openai/chat/chat-schema.ts'

const model = z.string().max(MAX_MODEL_NAME_LENGTH).nullish()

/** llama-server's: of a text. */
export const llamaSchema = z.object({
  model,
  content: z.string(),
  add_special: z.boolean().nullish(),
  with_pieces: z.boolean().nullish(),
})

/** vLLM's, of a text. */
export const promptSchema = z.object({
  model,
  prompt: z.string(),
  add_special_tokens: z.boolean().nullish(),
  return_token_strs: z.boolean().nullish(),
})

/** vLLM's, of a conversation. */
export const messagesSchema = chatSchema.extend({
  add_generation_prompt: z.boolean().nullish(),
  continue_final_message: z.boolean().nullish(),
  return_token_strs: z.boolean().nullish(),
})

/** Of both: tokens that are to be text again. */
export const detokenizeSchema = z.object({
  model,
  tokens: boundedList(z.number().int().min(0).max(0xffff_ffff), { max: MAX_TOLD_TOKENS }),
})

/** A request, and the words in which it was made. */
export interface AskedTokens {
  readonly words: 'llama' | 'vllm'
  readonly model: string
  readonly body: TokensBody
  readonly schema: { readonly shape: object }
}

/** Throws `BadField` and `PROMPT_TOO_LARGE`. */
export function toTokens(sent: unknown): AskedTokens {
  const fields = typeof sent === 'object' && sent !== null ? sent : {}
  if ('messages' in fields) return ofMessages(sent)
  if ('prompt' in fields) {
    const asked = checkValue(promptSchema, sent)
    const { prompt: text, add_special_tokens: special, return_token_strs: strings } = asked
    return { words: 'vllm', ...ofText(text, special ?? undefined, strings === true), ...named(asked, promptSchema) }
  }
  const asked = checkValue(llamaSchema, sent)
  const { content, add_special: special, with_pieces: pieces } = asked
  return { words: 'llama', ...ofText(content, special ?? undefined, pieces === true), ...named(asked, llamaSchema) }
}

function named(asked: { model?: string | null | undefined }, schema: AskedTokens['schema']) {
  return { model: asked.model ?? '', schema }
}

function ofText(text: string, special: boolean | undefined, pieces: boolean): Pick<AskedTokens, 'body'> {
  assertTextFits([text])
  return { body: { text, detail: pieces ? 'pieces' : 'ids', ...defined({ special }) } }
}

function ofMessages(sent: unknown): AskedTokens {
  const asked = checkValue(messagesSchema, sent)
  const chat = toChatBody(asked, sent)
  const detail = asked.return_token_strs === true ? 'pieces' : 'ids'
  const body = { chat: asked.continue_final_message === true ? goingOn(chat) : chat, detail } as const
  return { words: 'vllm', body, ...named(asked, messagesSchema) }
}

/** The last message as the start of the answer. Throws `BadField` where it is not the assistant's. */
function goingOn(chat: ChatBody): ChatBody {
  const last = chat.messages.at(-1)
  if (last?.role !== 'assistant') {
    throw new BadField('continue_final_message', "the last message is not the assistant's")
  }
  return { ...chat, messages: chat.messages.slice(0, -1), prefill: textOf(last) }
}
