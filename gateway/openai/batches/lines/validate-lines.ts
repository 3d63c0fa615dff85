/** Whether a file is a batch: every line is looked at before one is asked; what is wrong is told with its number. */

import type { BatchProblem } from '../../../../core/batch/user-batch.ts'
import { BadField } from '../../../../core/check-value.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { type BatchLine, linesOf } from './batch-lines.ts'
import { lineRequest } from './line-request.ts'

/** Lines of one batch: what OpenAI allows. */
export const MAX_BATCH_LINES = 50_000

/** Problems that are told of one file: nobody reads more. */
export const MAX_BATCH_PROBLEMS = 100

/** Fields by the name that OpenAI's own problems have. */
const FIELD_PROBLEMS: Readonly<Record<string, string>> = {
  custom_id: 'missing_required_parameter',
  method: 'invalid_method',
  url: 'invalid_url',
  body: 'missing_required_parameter',
}

export interface CheckedFile {
  readonly total: number
  readonly problems: readonly BatchProblem[]
}

/** Reads the whole file. `parse` reads the JSON of a line, as that of a request is read. */
export async function checkLines(
  content: AsyncIterable<Buffer>,
  endpoint: string,
  parse: (bytes: Buffer) => Promise<unknown>,
): Promise<CheckedFile> {
  const problems: BatchProblem[] = []
  const seen = new Set<string>()
  let total = 0
  try {
    for await (const line of linesOf(content)) {
      total += 1
      if (total > MAX_BATCH_LINES) return { total: 0, problems: [tooManyLines()] }
      const problem = await problemOf(line, endpoint, parse, seen)
      if (problem !== undefined && problems.push(problem) === MAX_BATCH_PROBLEMS) break
    }
  } catch (thrown) {
    if (!(thrown instanceof RealmeshError) || thrown.code !== 'PROMPT_TOO_LARGE') throw thrown
    problems.push({ code: 'line_too_long', message: thrown.message, line: total + 1 })
  }
  if (total === 0 && problems.length === 0)
    problems.push({ code: 'empty_file', message: 'The input file has no lines.' })
  return { total: problems.length > 0 ? 0 : total, problems }
}

async function problemOf(
  { index, bytes }: BatchLine,
  endpoint: string,
  parse: (bytes: Buffer) => Promise<unknown>,
  seen: Set<string>,
): Promise<BatchProblem | undefined> {
  const line = index + 1
  let value: unknown
  try {
    value = await parse(bytes)
  } catch {
    return { code: 'invalid_json_line', message: 'This line is not parseable as valid JSON.', line }
  }
  try {
    const { custom_id: id, url } = lineRequest(value)
    if (url !== endpoint) {
      return {
        code: 'mismatched_endpoint',
        message: `The batch is for ${endpoint}, this line for ${url}.`,
        line,
        param: 'url',
      }
    }
    if (seen.has(id)) {
      return {
        code: 'duplicate_custom_id',
        message: `The custom_id ${id} stands in an earlier line.`,
        line,
        param: 'custom_id',
      }
    }
    seen.add(id)
    return undefined
  } catch (thrown) {
    if (!(thrown instanceof BadField)) throw thrown
    const field = thrown.param.split(/[.[]/)[0] ?? ''
    return { code: FIELD_PROBLEMS[field] ?? 'invalid_request', message: thrown.message, line, param: thrown.param }
  }
}

function tooManyLines(): BatchProblem {
  return {
    code: 'too_many_requests_in_batch',
    message: `A batch has at most ${MAX_BATCH_LINES} lines.`,
    line: MAX_BATCH_LINES + 1,
  }
}
