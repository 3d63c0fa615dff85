import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { ToolCalls, withCalls } from '../../../../engines/adapter/tool-calls.ts'
import { gather } from '../../../support/decoded.ts'

type Piece = Readonly<Record<string, unknown>>

function gathered(pieces: readonly Piece[]): ReturnType<typeof gather> {
  const calls = new ToolCalls({ engine: 'stub', idPrefix: 'q' })
  const out: QueryEvent[] = []
  for (const piece of pieces) calls.take(piece, out)
  calls.finish(out)
  return gather(out)
}

const call = (more: Piece, name: string | undefined, args: unknown): Piece => ({
  ...more,
  type: 'function',
  function: { ...(name !== undefined && { name }), arguments: args },
})

const TWO = [
  ['wind', '{"at":"A"}'],
  ['rain', '{"at":"B"}'],
] as const

describe('tool calls', () => {
  it('are one only for a client that wants no more', () => {
    const calls = new ToolCalls({ engine: 'stub', idPrefix: 'q', single: true })
    const out: QueryEvent[] = []
    for (const [index, [name, args]] of TWO.entries()) calls.take(call({ index, id: name }, name, args), out)
    calls.finish(out)
    assert.deepEqual(gather(out).calls, [TWO[0]])
  })

  const two: Readonly<Record<string, readonly Piece[]>> = {
    'numbered as they should be, in pieces': [
      call({ index: 0, id: 'a' }, 'wind', ''),
      call({ index: 0 }, undefined, '{"at"'),
      call({ index: 0 }, undefined, ':"A"}'),
      call({ index: 1, id: 'b' }, 'rain', '{"at":"B"}'),
    ],
    'in pieces that are mixed': [
      call({ index: 0, id: 'a' }, 'wind', '{"at":'),
      call({ index: 1, id: 'b' }, 'rain', '{"at":'),
      call({ index: 0 }, undefined, '"A"}'),
      call({ index: 1 }, undefined, '"B"}'),
    ],
    'all numbered 0': [
      call({ index: 0, id: 'a' }, 'wind', '{"at":"A"}'),
      call({ index: 0, id: 'b' }, 'rain', '{"at":"B"}'),
    ],
    'without a number': [call({ id: 'a' }, 'wind', '{"at":"A"}'), call({ id: 'b' }, 'rain', '{"at":"B"}')],
    'without number and id': [call({}, 'wind', '{"at":"A"}'), call({}, 'rain', '{"at":"B"}')],
    'numbered in text': [
      call({ index: '0', id: 'a' }, 'wind', '{"at":"A"}'),
      call({ index: '1', id: 'b' }, 'rain', '{"at":"B"}'),
    ],
    'all of one id': [
      call({ index: 0, id: 'a' }, 'wind', '{"at":"A"}'),
      call({ index: 1, id: 'a' }, 'rain', '{"at":"B"}'),
    ],
    'all of one id, in pieces': [
      call({ index: 0, id: 'a' }, 'wind', ''),
      call({ index: 0, id: 'a' }, undefined, '{"at":"A"}'),
      call({ index: 1, id: 'a' }, 'rain', ''),
      call({ index: 1, id: 'a' }, undefined, '{"at":'),
      call({ index: 1 }, undefined, '"B"}'),
    ],
    'all of one id and without a number': [
      call({ id: 'a' }, 'wind', '{"at":"A"}'),
      call({ id: 'a' }, 'rain', '{"at":"B"}'),
    ],
    'told once more at the end': [
      call({ index: 0, id: 'a' }, 'wind', '{"at":"A"}'),
      call({ index: 1, id: 'b' }, 'rain', '{"at":"B"}'),
      call({ index: 0, id: 'a' }, 'wind', '{"at":"A"}'),
      call({ index: 1, id: 'b' }, 'rain', '{"at":"B"}'),
    ],
    'with the name in each piece, the last of which is empty': [
      call({ index: 0 }, 'wind', '{"at"'),
      call({ index: 0 }, 'wind', ':"A"}'),
      call({ index: 0 }, 'wind', ''),
      call({ index: 1, id: 'b' }, 'rain', '{"at":"B"}'),
      call({ index: 1, id: 'b' }, 'rain', ''),
    ],
    'numbered from 1': [
      call({ index: 1, id: 'a' }, 'wind', '{"at":"A"}'),
      call({ index: 2, id: 'b' }, 'rain', '{"at":"B"}'),
    ],
    'with id and name in every piece': [
      call({ index: 0, id: 'a' }, 'wind', '{"at":'),
      call({ index: 0, id: 'a' }, 'wind', '"A"}'),
      call({ index: 1, id: 'b' }, 'rain', '{"at":"B"}'),
    ],
    'with an empty id and name in later pieces': [
      call({ index: 0, id: 'a' }, 'wind', '{"at":'),
      call({ index: 0, id: '' }, '', '"A"}'),
      call({ index: 1, id: 'b' }, 'rain', '{"at":"B"}'),
    ],
    'with arguments as objects': [call({ index: 0 }, 'wind', { at: 'A' }), call({ index: 1 }, 'rain', { at: 'B' })],
    'with arguments encoded twice, in pieces': [
      call({ index: 0 }, 'wind', '"{\\"at\\"'),
      call({ index: 0 }, undefined, ':\\"A\\"}"'),
      call({ index: 1 }, 'rain', '{"at":"B"}'),
    ],
    'with a name that comes behind the id': [
      call({ index: 0, id: 'a' }, undefined, ''),
      call({ index: 0 }, 'wind', '{"at":"A"}'),
      call({ index: 1, id: 'b' }, 'rain', '{"at":"B"}'),
    ],
    'without the word function around it': [
      { id: 'a', name: 'wind', arguments: '{"at":"A"}' },
      { id: 'b', name: 'rain', arguments: { at: 'B' } },
    ],
  }
  for (const [what, pieces] of Object.entries(two)) {
    it(`are two, ${what}`, () => {
      const { calls, ids } = gathered(pieces)
      assert.deepEqual(calls, TWO)
      assert.equal(new Set(ids).size, 2)
      assert.ok(ids.every((id) => id !== ''))
    })
  }

  it('are two of the same name when the arguments of the first are complete', () => {
    const { calls } = gathered([call({ index: 0 }, 'wind', '{"at":"A"}'), call({ index: 0 }, 'wind', '{"at":"B"}')])
    assert.deepEqual(calls, [
      ['wind', '{"at":"A"}'],
      ['wind', '{"at":"B"}'],
    ])
  })

  it('have an id each, though the engine gives all the same', () => {
    const one = (index: number) => call({ index, id: 'a' }, 'wind', `{"at":${index}}`)
    const { calls, ids } = gathered([one(0), one(1), one(2)])
    assert.deepEqual(
      calls.map(([, args]) => args),
      ['{"at":0}', '{"at":1}', '{"at":2}'],
    )
    assert.deepEqual(ids, ['a', 'call_q_1', 'call_q_2'])
  })

  it('have an empty object where no arguments came', () => {
    assert.deepEqual(gathered([call({ index: 0 }, 'now', undefined)]).calls, [['now', '{}']])
    assert.deepEqual(gathered([call({ index: 0 }, 'now', '')]).calls, [['now', '{}']])
  })

  it('keep what the model wrote, though it be no JSON', () => {
    assert.deepEqual(gathered([call({}, 'f', '{"cut')]).calls, [['f', '{"cut']])
    assert.deepEqual(gathered([call({}, 'f', '"cut')]).calls, [['f', '"cut']])
  })

  it('have a name', () => {
    assert.throws(() => gathered([call({ id: 'a' }, undefined, '{}')]), { code: 'ENGINE_GARBAGE' })
  })

  it('decide why an answer ended', () => {
    assert.deepEqual(
      (['stop', 'tool_calls', 'length', 'content_filter'] as const).map((reason) => [
        withCalls(reason, true),
        withCalls(reason, false),
      ]),
      [
        ['tool_calls', 'stop'],
        ['tool_calls', 'stop'],
        ['length', 'length'],
        ['content_filter', 'content_filter'],
      ],
    )
  })
})
