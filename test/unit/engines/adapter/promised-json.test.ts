import assert from 'node:assert/strict'
import type { FinishReason, QueryEvent } from '../../../../core/query/query-event.ts'
import type { RealmeshError } from '../../../../core/realmesh-error.ts'
import { promisedJson, wantsJson } from '../../../../engines/adapter/promised-json.ts'
import { collect, textOf } from '../../../support/collect.ts'
import { chatQuery } from '../../../support/query.ts'

async function* answer(pieces: readonly string[], finishReason: FinishReason = 'stop'): AsyncGenerator<QueryEvent> {
  yield { kind: 'reasoning', text: 'hm' }
  for (const text of pieces) yield { kind: 'text', text }
  yield { kind: 'end', finishReason }
}

describe('promised JSON', () => {
  for (const sure of [true, false]) {
    it(`passes when it is JSON, ${sure ? 'piece by piece' : 'as a whole'}`, async () => {
      const events = await collect(promisedJson(answer(['{"a"', ':1}']), { engine: 'stub', sure }))
      assert.equal(textOf(events), '{"a":1}')
      assert.deepEqual(
        events.map(({ kind }) => kind),
        sure ? ['reasoning', 'text', 'text', 'end'] : ['reasoning', 'text', 'end'],
      )
    })

    it(`passes when the limit cut it or a tool was called, ${sure ? 'sure' : 'unsure'}`, async () => {
      for (const reason of ['length', 'tool_calls', 'content_filter'] as const) {
        const events = await collect(promisedJson(answer(['{"a"'], reason), { engine: 'stub', sure }))
        assert.equal(textOf(events), '{"a"')
      }
    })

    it(`is not called served when it is something else, ${sure ? 'sure' : 'unsure and untold'}`, async () => {
      const seen: QueryEvent[] = []
      const heard: RealmeshError[] = []
      const init = { engine: 'stub', sure, onBroken: (error: RealmeshError) => heard.push(error) }
      await assert.rejects(
        async () => {
          for await (const event of promisedJson(answer(['Sure! ', '{"a":1}']), init)) seen.push(event)
        },
        { code: sure ? 'ENGINE_GARBAGE' : 'CAPABILITY_MISSING' },
      )
      assert.equal(textOf(seen), sure ? 'Sure! {"a":1}' : '')
      assert.equal(heard.length, 1)
    })
  }

  it('is wanted by a response format other than text', () => {
    const query = (type: 'text' | 'json') => chatQuery({ body: { messages: [], responseFormat: { type } } })
    assert.deepEqual([wantsJson(query('text')), wantsJson(query('json')), wantsJson(chatQuery())], [false, true, false])
  })
})
