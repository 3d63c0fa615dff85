import assert from 'node:assert/strict'
import { deltaOf, isFailure, reasoningIn, textIn } from '../../../../engines/openai/openai-fields.ts'

describe('text of a piece', () => {
  const rows: readonly (readonly [choice: object, text: string, reasoning: string])[] = [
    [{ delta: { content: 'a' } }, 'a', ''],
    [{ message: { content: 'whole' } }, 'whole', ''],
    [{ text: 'old' }, 'old', ''],
    [{ delta: { content: null, reasoning_content: 'hm' } }, '', 'hm'],
    [{ delta: { reasoning: 'hm' } }, '', 'hm'],
    [
      {
        delta: {
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
      },
      'ab',
      '',
    ],
    [{ delta: { content: [{ type: 'thinking', thinking: [{ text: 'hm' }] }, { text: 'a' }] } }, 'a', 'hm'],
    [{ delta: { content: '', refusal: 'no' } }, 'no', ''],
    [{ delta: {} }, '', ''],
    [{}, '', ''],
  ]
  for (const [choice, text, reasoning] of rows) {
    it(`is ${JSON.stringify(text)} beside the thought ${JSON.stringify(reasoning)} in ${JSON.stringify(choice)}`, () => {
      const delta = deltaOf({ ...choice })
      assert.deepEqual([textIn(delta), reasoningIn(delta)], [text, reasoning])
    })
  }
})

describe('isFailure', () => {
  const rows: readonly (readonly [piece: object, fails: boolean])[] = [
    [{ error: { message: 'x' } }, true],
    [{ error: 'x' }, true],
    [{ object: 'error', message: 'x' }, true],
    [{ detail: 'x' }, true],
    [{ error: null, choices: [] }, false],
    [{ choices: [{}], message: 'part of an answer' }, false],
    [{ usage: {} }, false],
  ]
  for (const [piece, fails] of rows) {
    it(`${fails ? 'sees' : 'sees no'} failure in ${JSON.stringify(piece)}`, () => {
      assert.equal(isFailure({ ...piece }), fails)
    })
  }
})
