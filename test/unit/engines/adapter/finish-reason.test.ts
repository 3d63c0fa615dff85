import assert from 'node:assert/strict'
import { finishReason } from '../../../../engines/adapter/finish-reason.ts'

describe('finishReason', () => {
  const known: readonly (readonly [word: unknown, reason: string | undefined])[] = [
    ['stop', 'stop'],
    ['EOS_TOKEN', 'stop'],
    ['end_turn', 'stop'],
    ['max_tokens', 'length'],
    ['tool_use', 'tool_calls'],
    ['refusal', 'content_filter'],
    [null, undefined],
    [undefined, undefined],
    ['', undefined],
    ['none', undefined],
  ]
  for (const [word, reason] of known) {
    it(`takes ${JSON.stringify(word)} for ${reason ?? 'no end yet'}`, () => {
      assert.equal(finishReason('vllm', word), reason)
    })
  }

  for (const word of ['abort', 'error', 'constructor', 7, { stop: true }]) {
    it(`calls no answer whole that ended with ${JSON.stringify(word)}`, () => {
      assert.throws(() => finishReason('vllm', word), { code: 'ENGINE_FAILED' })
    })
  }
})
