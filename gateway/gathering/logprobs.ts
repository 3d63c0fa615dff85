/** How probable tokens were: gathered, and each as OpenAI and Ollama write it. */
import type { LikelyToken, TokenLogprob } from '../../core/query/logprobs.ts'

/** One entry for each token, with the alternatives in `top_logprobs`. */
export function toldLogprobs(logprobs: readonly TokenLogprob[]): readonly object[] {
  return logprobs.map((token) => ({ ...candidate(token), top_logprobs: token.top.map(candidate) }))
}

/** `list` with `more` behind it, in place: a copy for each token would cost the square of an answer. */
export function appended(list: TokenLogprob[] | undefined, more: readonly TokenLogprob[]): TokenLogprob[] {
  if (list === undefined) return [...more]
  for (const token of more) list.push(token)
  return list
}

function candidate({ token, logprob, bytes }: LikelyToken): object {
  return { token, logprob, bytes: bytes ?? [...Buffer.from(token)] }
}
