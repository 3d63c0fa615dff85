/** Whether a chat wants to know how probable its tokens were, as OpenAI and Ollama ask for it. */
import { BadField } from '../../core/check-value.ts'

interface WantedLogprobs {
  readonly logprobs?: boolean | null | undefined
  readonly top_logprobs?: number | null | undefined
}

/** Alternatives of each token; undefined when no probabilities are wanted. Throws `BadField`, as OpenAI does. */
export function toLogprobs({ logprobs, top_logprobs: alternatives }: WantedLogprobs): number | undefined {
  if (logprobs === true) return alternatives ?? 0
  if (!alternatives) return undefined
  throw new BadField('top_logprobs', 'is only allowed beside logprobs: true')
}
