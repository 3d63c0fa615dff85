import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { MAX_JSON_BYTES } from '../../../../engines/http/http-client.ts'
import { HostDecoder } from '../../../../engines/rentahal-host/host-decoder.ts'

describe('an answer of a host that is not streamed', () => {
  it('is given up once it is longer than any JSON of a worker may be', () => {
    const decoder = new HostDecoder('chat')
    const out: QueryEvent[] = []
    const piece = Buffer.alloc(MAX_JSON_BYTES / 16, 'x')
    decoder.push(Buffer.from('{"status":"success","result":"'), out)
    for (let count = 1; count < 16; count += 1) decoder.push(piece, out)
    assert.throws(() => decoder.push(piece, out), { code: 'ENGINE_GARBAGE', message: /more than 16777216 bytes/ })
    assert.deepEqual(out, [])
  })

  it('is read in one go up to there', () => {
    const decoder = new HostDecoder('chat')
    const out: QueryEvent[] = []
    decoder.push(Buffer.from('{"status":"success","result":"good '), out)
    decoder.push(Buffer.from('day"}'), out)
    decoder.flush(out)
    assert.deepEqual(out, [
      { kind: 'text', text: 'good day' },
      { kind: 'end', finishReason: 'stop' },
    ])
  })
})
