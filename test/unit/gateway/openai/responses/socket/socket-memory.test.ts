import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../../../../core/query/query-event.ts'
import { ResponseRecord } from '../../../../../../gateway/openai/responses/kept/response-record.ts'
import {
  MAX_SOCKET_RESPONSES,
  MAX_SOCKET_TEXT,
  SocketMemory,
} from '../../../../../../gateway/openai/responses/socket/socket-memory.ts'
import { recordInit } from '../../../../../support/response-desk.ts'

function said(id: string, text: string): ResponseRecord {
  const record = new ResponseRecord(recordInit(id))
  const events: readonly QueryEvent[] = [
    { kind: 'text', text },
    { kind: 'end', finishReason: 'stop' },
  ]
  for (const event of events) record.add(event, 9)
  return record
}

describe('SocketMemory', () => {
  const kept = said('kept', 'on the disk')
  let memory: SocketMemory
  beforeEach(() => {
    memory = new SocketMemory({ find: async (_user, id) => (id === kept.id ? { record: kept } : undefined) })
  })

  const has = async (id: string): Promise<boolean> => (await memory.find('ann', `resp_${id}`)) !== undefined

  it('finds its own and those that are kept, and forgets its own only', async () => {
    memory.remember(said('own', 'x'))
    assert.deepEqual([await has('own'), await has('kept'), await has('other')], [true, true, false])
    for (const id of ['own', 'kept', 'other']) memory.forget(`resp_${id}`)
    assert.deepEqual([await has('own'), await has('kept')], [false, true])
  })

  it('holds so many, the oldest gone first', async () => {
    for (let n = 0; n <= MAX_SOCKET_RESPONSES; n += 1) memory.remember(said(`r${n}`, 'x'))
    assert.deepEqual([await has('r0'), await has('r1')], [false, true])
  })

  it('holds so much, the same one once', async () => {
    const third = 'x'.repeat(MAX_SOCKET_TEXT / 3)
    for (const id of ['a', 'a', 'b', 'c']) memory.remember(said(id, third))
    assert.deepEqual([await has('a'), await has('b'), await has('c')], [false, true, true])
  })
})
