import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { HomeWatch } from '../../../../node/operate/home-watch.ts'
import { eventually } from '../../../support/daemon.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

describe('HomeWatch', () => {
  const folder = temporaryFolder()

  it('tells once that the home is gone, until it is back, and leaves no timer behind', async () => {
    const clock = new ManualClock()
    const told: string[] = []
    const note = (_: object, text?: string): void => void told.push(String(text))
    const identityKey = folder.path('identity.key')
    await writeFile(identityKey, 'key')
    const watch = new HomeWatch({ clock, log: { error: note, info: note } }, { identityKey })
    await watch.start()
    /** One look: it is over when the next one is planned. */
    const look = async (): Promise<void> => {
      clock.advance(2_000)
      await eventually('it has looked', () => clock.pending === 1)
    }
    await look()
    assert.deepEqual(watch.warnings(), [])
    await rm(identityKey)
    await look()
    await look()
    assert.equal(told.length, 1)
    assert.match(told[0] ?? '', /identity\.key is gone/)
    assert.deepEqual(watch.warnings(), told)
    await writeFile(identityKey, 'key')
    await look()
    assert.deepEqual(watch.warnings(), [])
    assert.equal(told.length, 2)
    await watch.stop()
    assert.equal(clock.pending, 0)
  })
})
