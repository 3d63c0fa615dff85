import assert from 'node:assert/strict'
import { errorOf, refusal } from '../../../../bin/client/gateway-error.ts'
import { BadField } from '../../../../core/check-value.ts'
import { ERROR_CODES, type ErrorCode, RealmeshError } from '../../../../core/realmesh-error.ts'
import { ollamaErrorBody } from '../../../../gateway/api/ollama-error.ts'
import { openAiErrorBody } from '../../../../gateway/openai/format/answer-parts.ts'
import { toProblem } from '../../../../gateway/request/errors.ts'

describe('an error of the gateway', () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    it(`comes back as ${code}, which it was`, () => {
      const problem = toProblem(new RealmeshError(code, 'no'))
      assert.equal(refusal(problem.status, openAiErrorBody(problem)).code, code)
      assert.equal(refusal(problem.status, ollamaErrorBody(problem)).code, code)
    })
  }

  it('keeps its words, and has the fix on a line of its own', () => {
    const problem = toProblem(new BadField('stop', 'odd', { fix: 'leave it out' }))
    for (const bodyOf of [openAiErrorBody, ollamaErrorBody]) {
      const { message, fix } = refusal(400, bodyOf(problem))
      assert.deepEqual([message, fix], ['stop: odd', 'leave it out'])
    }
  })

  const strange: readonly (readonly [status: number, text: string, code: ErrorCode])[] = [
    [502, '<html>bad gateway</html>', 'INTERNAL'],
    [404, '', 'QUERY_NOT_FOUND'],
    [401, '{"error":{"code":"no code of ours"}}', 'UNAUTHORIZED'],
    [400, '[]', 'BAD_REQUEST'],
    [418, 'null', 'INTERNAL'],
  ]
  for (const [status, text, code] of strange) {
    it(`is ${code} when ${status} comes with ${JSON.stringify(text)}`, () => {
      assert.equal(refusal(status, text).code, code)
    })
  }

  it('is read from a stream as well', () => {
    assert.equal(errorOf({ error: { code: 'answer_cut', message: 'cut', fix: 'ask again' } }, 200).fix, 'ask again')
  })
})
