/** How probable tokens were, each as OpenAI and Ollama write it. */
import type { LikelyToken, TokenLogprob } from '../../core/query/logprobs.ts'

/** One entry for each token, with the alternatives in `top_logprobs`. */
export function toldLogprobs(logprobs: readonly TokenLogprob[]): readonly object[] {
  return logprobs.map((token) => ({ ...candidate(token), top_logprobs: token.top.map(candidate) }))
}

function candidate({ token, logprob, bytes }: LikelyToken): object {
  return { token, logprob, bytes: bytes ?? [...Buffer.from(token)] }
}
