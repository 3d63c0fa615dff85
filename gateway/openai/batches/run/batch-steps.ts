/** The steps of a batch from one status to the next. Pure, but for reading the lines. */
import type { BatchStatus, LineResult, UserBatch } from '../../../../core/batch/user-batch.ts'
import type { BatchLine } from '../lines/batch-lines.ts'
import { lineRequest } from '../lines/line-request.ts'
import { expiredLine } from '../lines/line-text.ts'

/** Results that are written in one commit. */
const CHUNK = 200

/** The batch in another status, from `now` on, wall clock. */
export function entered(batch: UserBatch, status: BatchStatus, now: number): UserBatch {
  return { ...batch, status, times: { ...batch.times, [status]: now } }
}

export interface ExpiredOf {
  readonly batch: string
  /** Lines that have a result. */
  readonly done: ReadonlySet<number>
  readonly parse: (bytes: Buffer) => Promise<unknown>
}

/** The results of all lines that have none, some hundred at a time. */
export async function* expiredResults(
  lines: AsyncIterable<BatchLine>,
  { batch, done, parse }: ExpiredOf,
): AsyncGenerator<readonly LineResult[]> {
  let results: LineResult[] = []
  for await (const { index: line, bytes } of lines) {
    if (done.has(line)) continue
    const { custom_id: customId } = lineRequest(await parse(bytes))
    results.push({ line, failed: true, text: expiredLine({ batch, line, customId }) })
    if (results.length < CHUNK) continue
    yield results
    results = []
  }
  if (results.length > 0) yield results
}
