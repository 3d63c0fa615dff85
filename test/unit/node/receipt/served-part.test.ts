import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { EndEvent, QueryEvent } from '../../../../core/query/query-event.ts'
import { RECEIPT_VERSION, type ServedPart } from '../../../../core/query/receipt.ts'
import { addServedPart } from '../../../../node/receipt/served-part.ts'

const START: QueryEvent = { kind: 'start', node: 'me', worker: 'rig', engine: 'fake', model: 'tiny' }
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The part of an answer that waits 40 ms, begins after 10 and takes 100 more; `tokens` are of its end. */
function partOf(end: Partial<EndEvent>, start = START): ServedPart | undefined {
  let now = 0
  const add = addServedPart(() => now)
  now = 40
  add(start)
  now = 50
  for (const text of ['he', 'llo']) {
    const event: QueryEvent = { kind: 'text', text }
    assert.equal(add(event), event)
  }
  now = 150
  const ended = add({ kind: 'end', finishReason: 'stop', ...end })
  return ended.kind === 'end' ? ended.served : undefined
}

describe('the part that was served', () => {
  it('says by whom and by what, how long it waited, how fast it was, and the hashes of all that was sent', () => {
    const by = { digest: 'd', quantization: 'Q4', sent: { temperature: 0 }, defaults: { top_k: 40 } }
    assert.deepEqual(partOf({ by, usage: { promptTokens: 5, completionTokens: 11 } }), {
      version: RECEIPT_VERSION,
      node: 'me',
      worker: 'rig',
      engine: 'fake',
      model: 'tiny',
      by,
      answerHash: sha256('hello'),
      pieceHashes: sha256('hello').slice(0, 16),
      promptTokens: 5,
      completionTokens: 11,
      waitedMs: 40,
      firstMs: 10,
      decodeRate: 100,
    })
  })

  it("prefers the engine's own rate, and has none where nothing tells it", () => {
    const usage = { promptTokens: 5, completionTokens: 11 }
    assert.equal(partOf({ usage, timings: { decodeTokensPerSecond: 61.26 } })?.decodeRate, 61.3)
    assert.equal(partOf({ usage, timings: { decodeTokensPerSecond: Number.NaN } })?.decodeRate, undefined)
    assert.equal(partOf({})?.decodeRate, undefined)
  })

  it('has only what the wire carries unchanged', () => {
    const usage = { promptTokens: -1, completionTokens: 2 ** 40 }
    const part = partOf({ usage }, { ...START, worker: ` \u0007a\n${'x'.repeat(300)}` } as QueryEvent)
    assert.deepEqual([part?.promptTokens, part?.completionTokens], [0, 0xffff_ffff])
    assert.match(part?.worker ?? '', /^a x{252}$/)
  })

  it('is left out of an end that no worker began', () => {
    const end: QueryEvent = { kind: 'end', finishReason: 'stop' }
    assert.equal(addServedPart(() => 0)(end), end)
  })
})
