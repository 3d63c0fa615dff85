/** Several answers to one request: the same query again, with another seed where one was chosen. */
import type { ChatBody } from '../../../core/query/query.ts'

/** `n` queries. With a seed each has the next one, or all of them would be the same. */
export function choicesOf(body: ChatBody, n: number): readonly ChatBody[] {
  return Array.from({ length: n }, (_, choice) => {
    const { sampling } = body
    if (choice === 0 || sampling?.seed === undefined) return body
    return { ...body, sampling: { ...sampling, seed: sampling.seed + choice } }
  })
}
