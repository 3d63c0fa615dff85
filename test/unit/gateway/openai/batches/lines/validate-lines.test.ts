import assert from 'node:assert/strict'
import { MAX_BATCH_LINE_BYTES } from '../../../../../../gateway/openai/batches/lines/batch-lines.ts'
import {
  checkLines,
  MAX_BATCH_LINES,
  MAX_BATCH_PROBLEMS,
} from '../../../../../../gateway/openai/batches/lines/validate-lines.ts'

const parse = async (bytes: Buffer): Promise<unknown> => JSON.parse(bytes.toString())
const line = (id: string): string => JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/x', body: {} })

async function* file(...lines: readonly string[]): AsyncGenerator<Buffer> {
  for (const each of lines) yield Buffer.from(`${each}\n`)
}

describe('the look at a batch before it is asked', () => {
  it('counts the lines of one that is right', async () => {
    assert.deepEqual(await checkLines(file(line('a'), '', line('b')), '/v1/x', parse), { total: 2, problems: [] })
  })

  for (const [what, bad, code, param] of [
    ['no JSON', '{', 'invalid_json_line', undefined],
    ['a number', '7', 'invalid_request', 'line'],
    ['no id', '{}', 'missing_required_parameter', 'custom_id'],
    ['another method', JSON.stringify({ custom_id: 'b', method: 'GET' }), 'invalid_method', 'method'],
    ['no body', JSON.stringify({ custom_id: 'b', method: 'POST', url: '/v1/x' }), 'missing_required_parameter', 'body'],
    ['another endpoint', line('b').replace('/v1/x', '/v1/y'), 'mismatched_endpoint', 'url'],
    ['an id of before', line('a'), 'duplicate_custom_id', 'custom_id'],
  ] as const) {
    it(`tells where there is ${what}`, async () => {
      const { total, problems } = await checkLines(file(line('a'), bad), '/v1/x', parse)
      assert.deepEqual([total, problems[0]?.line, problems[0]?.code, problems[0]?.param], [0, 2, code, param])
    })
  }

  it('tells of an empty file, of too many lines, and of one that is too long', async () => {
    const codeOf = async (content: AsyncIterable<Buffer>) =>
      (await checkLines(content, '/v1/x', parse)).problems.map(({ code, line: at }) => [code, at])
    assert.deepEqual(await codeOf(file()), [['empty_file', undefined]])
    const many = async function* (): AsyncGenerator<Buffer> {
      for (let n = 0; n <= MAX_BATCH_LINES; n += 1) yield Buffer.from(`${line(String(n))}\n`)
    }
    assert.deepEqual(await codeOf(many()), [['too_many_requests_in_batch', MAX_BATCH_LINES + 1]])
    assert.deepEqual(await codeOf(file(line('a'), 'x'.repeat(MAX_BATCH_LINE_BYTES + 1))), [['line_too_long', 2]])
  })

  it('stops after so many problems', async () => {
    const { problems } = await checkLines(file(...new Array<string>(500).fill('{')), '/v1/x', parse)
    assert.equal(problems.length, MAX_BATCH_PROBLEMS)
  })
})
