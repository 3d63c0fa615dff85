import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../../../core/realmesh-error.ts'
import { framesOf, problemFrame } from '../../../../../../gateway/openai/responses/socket/frames.ts'
import { toProblem } from '../../../../../../gateway/request/errors.ts'

describe('frames of a response', () => {
  it('are the JSON of each event, without comments and the mark of the end', () => {
    const piece = ': ping\n\nevent: a\ndata: {"type":"a"}\n\nevent: b\ndata: {"b":"\\n\\n"}\n\ndata: [DONE]\n\n'
    assert.deepEqual(framesOf(piece), ['{"type":"a"}', '{"b":"\\n\\n"}'])
    assert.deepEqual(framesOf(''), [])
  })

  it('of a problem have its status beside what stands in a body', () => {
    const { type, status, error } = JSON.parse(problemFrame(toProblem(new RealmeshError('NO_WORKER', 'none'))))
    assert.deepEqual([type, status, error.code, error.message, error.param], ['error', 503, 'no_worker', 'none', null])
  })
})
