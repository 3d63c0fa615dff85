import assert from 'node:assert/strict'
import { parseSystemProfiler } from '../../../../../workers/owner/gpu/parse-system-profiler.ts'

describe('parseSystemProfiler', () => {
  it('reads names, and memory of cards that have their own', () => {
    const json = JSON.stringify({
      SPDisplaysDataType: [{ sppci_model: 'Apple M2' }, { _name: 'AMD Radeon Pro', spdisplays_vram: '8 GB' }, null],
    })
    assert.deepEqual(parseSystemProfiler(json), [
      { index: 0, name: 'Apple M2', vendor: 'apple' },
      { index: 1, name: 'AMD Radeon Pro', vendor: 'apple', memoryTotalBytes: 8 * 1024 ** 3 },
    ])
  })

  it('finds nothing in other JSON', () => {
    for (const json of ['{}', 'null', '[]']) assert.deepEqual(parseSystemProfiler(json), [])
  })
})
