import assert from 'node:assert/strict'
import { choosePeerPort } from '../../../../bin/daemon/peer-port.ts'
import { type LoadedConfig, loadConfig } from '../../../../config/file/load-config.ts'
import { homeFolder } from '../../../../home/home-folder.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const USUAL = '/ip4/0.0.0.0/tcp/4501'

describe('choosePeerPort', () => {
  const folder = temporaryFolder()

  const load = (flags: Record<string, string[]> = {}): Promise<LoadedConfig> =>
    loadConfig({ home: homeFolder(folder.path()), flags })
  const taken =
    (...addresses: string[]) =>
    async (address: string): Promise<string | undefined> =>
      addresses.includes(address) ? 'EADDRINUSE' : undefined

  it('takes the usual port where it is free, and says nothing', async () => {
    const loaded = await load()
    const port = await choosePeerPort(loaded, taken())
    assert.equal(port.warning, undefined)
    assert.deepEqual(port.of(loaded).config.node.listen, [USUAL])
  })

  it('takes the next free port where others have the usual one, and says so', async () => {
    const loaded = await load()
    const port = await choosePeerPort(loaded, taken(USUAL, '/ip4/0.0.0.0/tcp/4502'))
    assert.deepEqual(port.of(loaded).config.node.listen, ['/ip4/0.0.0.0/tcp/4503'])
    assert.match(port.warning ?? '', /TCP 4501.* on 4503; --listen \/ip4\/0\.0\.0\.0\/tcp\/4503 keeps that port$/)
  })

  it('leaves an address alone that somebody named, at the start and at a reload', async () => {
    const named = await load({ listen: [USUAL] })
    const port = await choosePeerPort(named, taken(USUAL))
    assert.deepEqual(port.of(named).config.node.listen, [USUAL])
    const chosen = await choosePeerPort(await load(), taken(USUAL))
    assert.deepEqual(chosen.of(named).config.node.listen, [USUAL])
  })

  it('stays with the usual port where none is free, so that the start names it', async () => {
    const loaded = await load()
    const port = await choosePeerPort(loaded, async () => 'EADDRINUSE')
    assert.deepEqual(port.of(loaded).config.node.listen, [USUAL])
  })
})
