/** How many tokens a prompt has, where no tokenizer can be asked: reckoned from its length. */
import { imagesOf, textsOf } from './chat-text.ts'
import type { ChatBody, TokensBody } from './query.ts'

/**
 * English text has about four characters per token in the common vocabularies, other scripts have more bytes per
 * character and fewer characters per token.
 */
export const CHARS_PER_TOKEN = 4

/** An image is 256 to about 1,500 tokens, depending on the model. */
export const TOKENS_PER_IMAGE = 576

/** What a template puts around each message, and before the answer: ChatML's marks, role and line ends. */
const TOKENS_PER_MESSAGE = 5
const TOKENS_BEFORE_ANSWER = 3

/** Tokens of a text or a conversation, tools included. Of ids their number. */
export function estimatedTokens({ text, chat, ids }: TokensBody): number {
  if (ids !== undefined) return ids.length
  return chat === undefined ? tokensOf([text ?? '']) : chatTokens(chat)
}

function chatTokens(chat: ChatBody): number {
  const around = chat.messages.length * TOKENS_PER_MESSAGE + TOKENS_BEFORE_ANSWER
  return tokensOf([...textsOf(chat), chat.prefill ?? '']) + pictureTokens(chat) + around
}

/** Tokens that the pictures of a conversation take, about. */
export function pictureTokens({ messages }: Pick<ChatBody, 'messages'>): number {
  return messages.reduce((sum, message) => sum + imagesOf(message).length, 0) * TOKENS_PER_IMAGE
}

function tokensOf(texts: readonly string[]): number {
  return Math.ceil(texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / CHARS_PER_TOKEN)
}
