import assert from 'node:assert/strict'
import { asBootstrap } from '../../../../../bin/commands/bootstrap/bootstrap.ts'
import type { LoadedConfig } from '../../../../../config/file/load-config.ts'
import { defaultConfig } from '../../../../support/default-config.ts'

describe('a bootstrap node', () => {
  const loaded = (said: readonly string[]): LoadedConfig => {
    const origins = new Map(said.map((path) => [path, { source: 'file', where: 'realms.yml' } as const]))
    return { config: defaultConfig(), origins } as unknown as LoadedConfig
  }

  it('relays generously where its owner says nothing else', () => {
    assert.deepEqual(asBootstrap(loaded([])).config.node.relay, { enabled: true, mbPerDay: 50_000, seats: 500 })
    const { relay } = asBootstrap(loaded(['node.relay.mb_per_day'])).config.node
    assert.deepEqual(relay, { enabled: true, mbPerDay: defaultConfig().node.relay.mbPerDay, seats: 500 })
  })

  it('tells how large the swarm is, unless its owner says no', () => {
    assert.equal(asBootstrap(loaded([])).config.node.registry.show, true)
    assert.equal(asBootstrap(loaded(['node.registry.show'])).config.node.registry.show, false)
  })
})
