import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { KeyUsageKeeper, readKeyUsage } from '../../../../../bin/daemon/front/key-usage-keeper.ts'
import { silentLogger } from '../../../../../core/logger.ts'
import type { DayOfTokens } from '../../../../../gateway/allowance/allowances.ts'
import { ManualClock } from '../../../../support/manual-clock.ts'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'

describe('what API keys have used today', () => {
  const folder = temporaryFolder()
  const clock = new ManualClock()
  const keeperOf = (today: () => DayOfTokens): KeyUsageKeeper =>
    new KeyUsageKeeper({ gateway: { tokensToday: today }, clock, log: silentLogger }, folder.path('usage'), undefined)

  it('is there again after a restart', async () => {
    const keeper = keeperOf(() => ({ day: 7, tokens: { 'key-a': 12 } }))
    await keeper.start()
    await keeper.stop()
    assert.deepEqual(await readKeyUsage(folder.path('usage'), silentLogger), { day: 7, tokens: { 'key-a': 12 } })
    assert.equal(clock.pending, 0)
  })

  it('is nothing where the file is not there, or broken', async () => {
    assert.equal(await readKeyUsage(folder.path('none'), silentLogger), undefined)
    for (const text of ['{', '{"day":"x"}', '{"day":1,"tokens":{"a":-1}}']) {
      await writeFile(folder.path('usage'), text)
      assert.equal(await readKeyUsage(folder.path('usage'), silentLogger), undefined)
    }
  })

  it('is not written where nothing was used', async () => {
    const keeper = keeperOf(() => ({ day: 7, tokens: {} }))
    await keeper.start()
    await keeper.stop()
    assert.equal(await readKeyUsage(folder.path('usage'), silentLogger), undefined)
  })
  it('is that of its day, also where as much was used the day before', async () => {
    const tokens = { 'key-a': 12 }
    for (const day of [7, 8]) {
      const before = await readKeyUsage(folder.path('days'), silentLogger)
      const gateway = { tokensToday: () => ({ day, tokens }) }
      await new KeyUsageKeeper({ gateway, clock, log: silentLogger }, folder.path('days'), before).stop()
    }
    assert.deepEqual(await readKeyUsage(folder.path('days'), silentLogger), { day: 8, tokens })
  })
})
