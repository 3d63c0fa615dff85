/** How many tokens can be in what was seen: what a peer counts is believed up to there. */
import { chatLength, contentBytes } from './chat-text.ts'
import { isChat, type Query } from './query.ts'

/** A UTF-16 unit has three bytes of UTF-8 at the most, and a vocabulary of bytes takes a token for each. */
const MOST_TOKENS_PER_UNIT = 3

/** Tokens of an answer, or before a piece of one, that have no text of their own. */
const UNSEEN_TOKENS = 64

/** Tokens that a chat template may put around a conversation: the longest of those with tools have two thousand. */
const MOST_TEMPLATE_TOKENS = 4_096

/** Tokens of one picture: models of native resolution take up to 16,384. */
const MOST_TOKENS_PER_IMAGE = 16_384

/** The tokens of a piece of text as they are believed. */
export function believedTokens(text: string, tokens: number): number {
  return Math.min(tokens, text.length * MOST_TOKENS_PER_UNIT + UNSEEN_TOKENS)
}

/** Most tokens of an answer of so many bytes of UTF-8. Thinking that an engine keeps to itself is not counted. */
export function mostAnswerTokens(bytes: number): number {
  return bytes + UNSEEN_TOKENS
}

/** The tokens of a query's prompt as they are believed when `told`. */
export function believedPrompt(query: Query, told: number): number {
  const { characters, images } = isChat(query) ? chatLength(query.body) : { characters: 0, images: 0 }
  const around = MOST_TEMPLATE_TOKENS + images * MOST_TOKENS_PER_IMAGE
  if (told <= characters + around) return told // bytes are counted only where their number can matter
  return Math.min(told, contentBytes(query.body) + prefillBytes(query) + around)
}

function prefillBytes(query: Query): number {
  return isChat(query) ? Buffer.byteLength(query.body.prefill ?? '') : 0
}
