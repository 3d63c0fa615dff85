/** Probabilities of tokens as OpenAI writes them: one way for chats, another for the older completions. */
import type { TokenLogprob } from '../../../core/query/logprobs.ts'
import { toldLogprobs } from '../../gathering/logprobs.ts'

/** What stands in `choices[].logprobs` of a chat. */
export function chatLogprobs(logprobs: readonly TokenLogprob[]): object {
  return { content: toldLogprobs(logprobs), refusal: null }
}

/** What stands in `choices[].logprobs` of a completion; `offset`: where its first token begins, UTF-16 units. */
export function completionLogprobs(logprobs: readonly TokenLogprob[], offset: number): object {
  let at = offset
  const offsets = logprobs.map(({ token }) => {
    const begin = at
    at += token.length
    return begin
  })
  return {
    tokens: logprobs.map(({ token }) => token),
    token_logprobs: logprobs.map(({ logprob }) => logprob),
    top_logprobs: logprobs.map(({ top }) => Object.fromEntries(top.map(({ token, logprob }) => [token, logprob]))),
    text_offset: offsets,
  }
}
