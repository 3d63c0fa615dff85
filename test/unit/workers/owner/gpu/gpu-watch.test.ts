import assert from 'node:assert/strict'
import type { GpuReading } from '../../../../../workers/owner/gpu/gpu-reading.ts'
import { GpuWatch, situationOf } from '../../../../../workers/owner/gpu/gpu-watch.ts'
import { ManualClock } from '../../../../support/manual-clock.ts'

function gpu(overrides: Partial<GpuReading> = {}): GpuReading {
  return { index: 0, name: 'GPU', vendor: 'nvidia', ...overrides }
}

describe('situationOf', () => {
  const ROWS: readonly [string, GpuReading[], boolean, boolean, boolean | undefined][] = [
    ['no GPU tells nothing', [], false, false, undefined],
    ['an idle GPU is free', [gpu({ utilizationPercent: 5 })], false, false, false],
    ['a GPU at work without work of ours is in use', [gpu({ utilizationPercent: 40 })], false, false, true],
    ['work of ours is not that of others', [gpu({ utilizationPercent: 100 })], true, false, false],
    ['who was there before our work is still there', [gpu({ utilizationPercent: 100 })], true, true, true],
    ['one of several in use is in use', [gpu(), gpu({ index: 1, utilizationPercent: 90 })], false, false, true],
    ['a foreign program is in use, whatever we do', [gpu({ processes: ['ollama', 'blender'] })], true, false, true],
    ['programs that serve models are not foreign', [gpu({ processes: ['ollama', 'python3'] })], false, false, false],
  ]
  for (const [what, readings, ownWork, before, expected] of ROWS) {
    it(what, () => {
      assert.equal(situationOf(readings, ownWork, before)?.usedByOthers, expected)
    })
  }

  it('takes the most free memory and the highest temperature', () => {
    const readings = [
      gpu({ memoryTotalBytes: 10, memoryUsedBytes: 9, temperatureC: 40 }),
      gpu({ memoryTotalBytes: 10, memoryUsedBytes: 3, temperatureC: 80 }),
      gpu(),
    ]
    assert.deepEqual(situationOf(readings, false, false), { usedByOthers: false, vramFreeBytes: 7, temperatureC: 80 })
  })
})

describe('GpuWatch', () => {
  it('tells of changes, reads again and again, and leaves no timer', async () => {
    const clock = new ManualClock()
    let readings = [gpu({ utilizationPercent: 90 })]
    let reads = 0
    let wake = (): void => {}
    const watch = new GpuWatch({
      clock,
      ownWork: () => false,
      onChange: () => wake(),
      reader: {
        read: async () => {
          reads += 1
          return readings
        },
      },
    })
    await watch.start()
    assert.equal(watch.situation?.usedByOthers, true)
    readings = [gpu({ utilizationPercent: 0 })]
    const changed = new Promise<void>((resolve) => {
      wake = resolve
    })
    clock.advance(3_000)
    await changed
    assert.equal(watch.situation?.usedByOthers, false)
    await watch.start()
    assert.equal(reads, 2, 'a second start changes nothing')
    watch.stop()
    assert.equal(clock.pending, 0)
  })

  it('reads once per interval, also when it was stopped and started during a reading', async () => {
    const clock = new ManualClock()
    const readings: (() => void)[] = []
    const watch = new GpuWatch({
      clock,
      ownWork: () => false,
      onChange: () => {},
      reader: { read: () => new Promise((resolve) => readings.push(() => resolve([]))) },
    })
    const first = watch.start()
    watch.stop()
    const second = watch.start()
    for (const end of readings) end()
    await Promise.all([first, second])
    assert.equal(clock.pending, 1)
    watch.stop()
    assert.equal(clock.pending, 0)
  })
})
