/** A home that was copied to a second machine: two nodes with one identity. */
import assert from 'node:assert/strict'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Daemon, DaemonHarness, eventually } from '../support/daemon.ts'
import { examined } from '../support/examined.ts'

const COPIED = /another node runs with the identity of this one.*home was copied.*delete data\/identity\.key/

describe('two nodes with one identity', () => {
  let harness: DaemonHarness

  beforeEach(() => {
    harness = new DaemonHarness()
  })

  afterEach(async () => {
    await harness.close()
  })

  async function saysSo(daemon: Daemon): Promise<void> {
    await eventually(`${daemon.home} says so`, async () =>
      (await daemon.status()).warnings.some((line) => COPIED.test(line)),
    )
    assert.ok((await examined(daemon)).findings.some(({ code }) => code === 'identity.twin'))
    await eventually('its log too', () => daemon.stderr().includes('another node runs with the identity of this one'))
  }

  it('both say so, once one of them is told of the other', async () => {
    const first = await harness.up()
    const copy = harness.home()
    cpSync(join(first.home, 'data'), join(copy, 'data'), { recursive: true })
    rmSync(join(copy, 'data', 'shards'), { recursive: true, force: true })
    const second = await harness.up(['--bootstrap', first.addresses[0] ?? ''], { home: copy })
    assert.equal(second.peerId, first.peerId)
    await saysSo(second)
    await saysSo(first)
  })

  it('a node whose bootstrap address is its own says nothing of the kind', async () => {
    const first = await harness.up()
    const address = first.addresses[0] ?? ''
    await first.stop()
    const again = await harness.up(['--bootstrap', address, '--listen', address.replace(/\/p2p\/.*/, '')], {
      home: first.home,
    })
    const other = await harness.up(['--bootstrap', again.addresses[0] ?? ''])
    await eventually('the other node is there', async () => (await again.peers()).some(({ id }) => id === other.peerId))
    assert.ok(!(await again.status()).warnings.some((line) => COPIED.test(line)))
  })
})
