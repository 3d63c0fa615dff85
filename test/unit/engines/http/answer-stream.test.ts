import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { LOADING_SILENCE_MS, loaded } from '../../../../engines/http/answer-stream.ts'
import type { HttpExchange } from '../../../../engines/http/http-exchange.ts'
import { collect } from '../../../support/collect.ts'

describe('a query to an engine that loads', () => {
  it('waits without end for the first word, and half a minute for each behind the news that it loads', async () => {
    const limits: (number | undefined)[] = []
    const open = async ({ headWithinMs }: { readonly headWithinMs?: number | undefined }): Promise<HttpExchange> => {
      limits.push(headWithinMs)
      if (limits.length < 3) throw new RealmeshError('ENGINE_LOADING', 'Loading model')
      throw new RealmeshError('TIMEOUT', 'silent')
    }
    const signal = new AbortController().signal
    await assert.rejects(collect(loaded(open, { engine: 'llama-server', signal })), { code: 'TIMEOUT' })
    assert.deepEqual(limits, [undefined, LOADING_SILENCE_MS, LOADING_SILENCE_MS])
    assert.equal(LOADING_SILENCE_MS, 30_000)
  })
})
