import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../../core/realmesh-error.ts'
import { ResponseRecord } from '../../../../../gateway/openai/responses/kept/response-record.ts'
import { responseStream } from '../../../../../gateway/openai/responses/response-stream.ts'
import { FAKE_START } from '../../../../support/fake-node.ts'
import { openDesk, recordInit } from '../../../../support/response-desk.ts'

const TOO_LONG = new RealmeshError('CONTEXT_TOO_LONG', 'nine tokens too many', { fix: 'send less' })

function lastOf(stream: string) {
  const blocks = stream.split('\n\n').filter((block) => block.startsWith('event: '))
  const [, data = ''] = (blocks.at(-1) ?? '').split('\n')
  return { blocks, last: JSON.parse(data.slice('data: '.length)) }
}

describe('responseStream', () => {
  const formatOf = (record: ResponseRecord) => responseStream(openDesk().context, { record, wantsReceipt: false })

  it('tells an error before all content within a stream of its own', () => {
    const { blocks, last } = lastOf(formatOf(new ResponseRecord(recordInit('q'))).error(TOO_LONG))
    assert.deepEqual([blocks.length, last.type, last.sequence_number], [4, 'response.failed', 3])
  })

  it('goes on with the numbers of the pieces that have gone out', () => {
    const format = formatOf(new ResponseRecord(recordInit('q')))
    format.pieces({ queryId: 'q', model: 'm', created: 7 }).open()
    const { blocks, last } = lastOf(format.error(TOO_LONG))
    assert.deepEqual([blocks.length, last.type, last.sequence_number], [2, 'response.failed', 3])
  })

  it('says of an error what is read of the response later', () => {
    const record = new ResponseRecord(recordInit('q'))
    const { last } = lastOf(formatOf(record).error(TOO_LONG))
    record.fail(TOO_LONG, 9)
    const { error } = JSON.parse(JSON.stringify(record.toObject()))
    assert.deepEqual(error, last.response.error)
  })

  it('names the fields that the engine leaves out', () => {
    const fields = { carried: ['truncate'], dropped: ['user'] }
    const { ignored } = formatOf(new ResponseRecord({ ...recordInit('q'), fields }))
    assert.ok(ignored?.(FAKE_START).includes('user'))
  })
})
