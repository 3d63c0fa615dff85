import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  HEAP_LOOK_MS,
  HeapThrift,
  LARGE_PROCESS_BYTES,
  SMALL_PROCESS_BYTES,
} from '../../../../bin/daemon/heap-thrift.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

describe('HeapThrift', () => {
  it('lets the heap grow less while the process is large, and as V8 likes once it is clearly smaller', async () => {
    const clock = new ManualClock()
    let bytes = LARGE_PROCESS_BYTES - 1
    const set: number[] = []
    const thrift = new HeapThrift({ clock, residentBytes: () => bytes, setGrowth: (percent) => set.push(percent) })
    await thrift.start()
    const lookAt = (now: number): void => {
      bytes = now
      clock.advance(HEAP_LOOK_MS)
    }
    lookAt(LARGE_PROCESS_BYTES - 1)
    assert.deepEqual(set, [])
    lookAt(LARGE_PROCESS_BYTES)
    lookAt(LARGE_PROCESS_BYTES)
    assert.equal(set.length, 1)
    assert.ok(set[0] !== undefined && set[0] > 0)
    lookAt(SMALL_PROCESS_BYTES)
    assert.equal(set.length, 1)
    lookAt(SMALL_PROCESS_BYTES - 1)
    assert.equal(set[1], 0)
    await thrift.stop()
    lookAt(LARGE_PROCESS_BYTES)
    assert.equal(set.length, 2)
  })

  it('sets a flag that the V8 of this Node knows: one that it does not know is passed over', () => {
    const known = (flag: string): number | null => spawnSync(process.execPath, [flag, '-e', '']).status
    assert.equal(known('--heap-growing-percent=35'), 0)
    assert.notEqual(known('--heap-growing-percents=35'), 0)
  })
})
