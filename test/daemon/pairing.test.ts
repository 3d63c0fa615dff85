/** Two real daemons of two owners become one home, or not, by the commands that people type. */
import assert from 'node:assert/strict'
import type { Pairing } from '../../node/api/joining/pairing-control.ts'
import { type Daemon, DaemonHarness, eventually } from '../support/daemon.ts'

describe('realmesh pair', () => {
  let harness: DaemonHarness
  let desk: Daemon
  let laptop: Daemon
  before(async () => {
    harness = new DaemonHarness()
    desk = await harness.up(['--name', 'desk', '--no-builtin'])
    const [address = ''] = desk.addresses
    laptop = await harness.up(['--name', 'laptop', '--no-builtin', '--bootstrap', address])
    for (const [at, other] of [
      [desk, 'laptop'],
      [laptop, 'desk'],
    ] as const) {
      await eventually(`${other} is met`, async () => (await at.peers()).some(({ name }) => name === other))
    }
  })
  after(() => harness.close())

  const pair = async (at: Daemon, ...words: readonly string[]): Promise<Pairing> => {
    const { stdout, stderr, code } = await harness.output(['pair', ...words, '--json', '--home', at.home])
    assert.equal(code, 0, stderr)
    return JSON.parse(stdout) as Pairing
  }

  /** Both show digits. */
  const shown = async (): Promise<readonly [Pairing, Pairing]> => {
    const asking = pair(laptop, 'desk')
    const answering = eventually('it asks', async () => {
      const { stdout, code } = await harness.output(['pair', '--json', '--home', desk.home])
      return code === 0 && (JSON.parse(stdout) as Pairing)
    })
    return [await asking, await answering]
  }

  it('hands over nothing where the digits are said to differ, and says so on both machines', async () => {
    const [mine] = await shown()
    const wrong = mine.digits === '000000' ? '000001' : '000000'
    const told = await harness.output(['pair', 'laptop', '--yes', wrong, '--home', desk.home])
    assert.equal(told.code, 1)
    assert.match(told.stderr, /the digits differ \[PAIRING_FAILED\]\n {2}fix: .*third node/)
    await eventually('the laptop has told it', () => /third node may stand between/.test(laptop.stderr()))
    await eventually('the desk has told it', () => /third node may stand between/.test(desk.stderr()))
    assert.notEqual((await laptop.status()).federation.id, (await desk.status()).federation.id)
  })

  it('makes one home of both when both owners say that the six digits are the same', async () => {
    const before = (await desk.status()).federation.id
    const [mine, theirs] = await shown()
    assert.match(mine.digits ?? '', /^\d{6}$/)
    assert.equal(mine.digits, theirs.digits)
    assert.deepEqual([mine.mover, theirs.mover], ['this node', 'the peer'])
    const [here, there] = await Promise.all([
      pair(laptop, 'desk', '--yes', theirs.digits ?? ''),
      pair(desk, '--yes', mine.digits ?? ''),
    ])
    assert.deepEqual([here.state, there.state], ['paired', 'paired'])
    assert.equal((await laptop.status()).federation.id, before)
    for (const at of [desk, laptop])
      assert.deepEqual(
        (await at.peers()).map(({ relation }) => relation),
        ['home'],
      )
    const again = await harness.output(['pair', 'desk', '--home', laptop.home])
    assert.match(again.stderr, /belongs to this home already/)
  })

  it('says what to do where nobody asks', async () => {
    const { stderr, code } = await harness.output(['pair', '--home', desk.home])
    assert.equal(code, 2)
    assert.match(stderr, /no node asks .*\n {2}fix: realmesh peers/)
  })
})
