import assert from 'node:assert/strict'
import { silentLogger } from '../../../../core/logger.ts'
import { WAKE_LOOK_MS, WakeWatch } from '../../../../discovery/wake/wake-watch.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

async function setUp() {
  const clock = new ManualClock()
  const machine = { address: '192.168.1.7' }
  const upsets: string[] = []
  const watch = new WakeWatch({
    clock,
    log: silentLogger,
    interfaces: () => ({ eth0: [{ address: machine.address, internal: false }] }),
    onUpset: (upset) => upsets.push(upset),
  })
  await watch.start()
  return { clock, machine, upsets, watch }
}

describe('WakeWatch', () => {
  it('tells once of a process that was stopped and goes on', async () => {
    const { clock, upsets, watch } = await setUp()
    clock.advance(10 * WAKE_LOOK_MS)
    assert.deepEqual(upsets, [])
    clock.stall(5 * 60_000)
    assert.deepEqual(upsets, ['held up'])
    clock.advance(10 * WAKE_LOOK_MS)
    assert.deepEqual(upsets, ['held up'])
    await watch.stop()
    assert.equal(clock.pending, 0)
  })

  it('tells of an address that took the place of another, within one look', async () => {
    const { clock, machine, upsets, watch } = await setUp()
    machine.address = '192.168.2.9'
    clock.advance(WAKE_LOOK_MS)
    assert.deepEqual(upsets, ['moved'])
    await watch.stop()
  })
})
