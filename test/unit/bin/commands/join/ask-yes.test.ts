import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { askYes } from '../../../../../bin/commands/join/ask-yes.ts'

describe('a question with yes or no', () => {
  const answered = async (typed: string | undefined): Promise<boolean | undefined> => {
    const stdin = new PassThrough()
    if (typed === undefined) stdin.end()
    else stdin.write(typed)
    return await askYes('? ', { stdin, err: () => {} }, new AbortController().signal)
  }

  it('is a yes for y and yes alone', async () => {
    for (const typed of ['y\n', 'YES\n', ' yes \n']) assert.equal(await answered(typed), true, typed)
    for (const typed of ['\n', 'n\n', 'yessir\n', '482913\n', undefined]) assert.equal(await answered(typed), false)
  })

  it('ends without an answer when it is not asked any more', async () => {
    const leave = new AbortController()
    const answer = askYes('? ', { stdin: new PassThrough(), err: () => {} }, leave.signal)
    leave.abort()
    assert.equal(await answer, undefined)
  })
})
