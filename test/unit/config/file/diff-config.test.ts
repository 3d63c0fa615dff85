import assert from 'node:assert/strict'
import { diffConfig } from '../../../../config/file/diff-config.ts'
import type { RealmConfig } from '../../../../config/schema/realm-schema.ts'
import { defaultConfig } from '../../../support/default-config.ts'

describe('diffConfig', () => {
  const before = defaultConfig()
  const [chat, vision] = before.realms
  assert.ok(chat !== undefined && vision !== undefined)

  it('finds nothing between equal configurations', () => {
    const { realms, workers, live, restart } = diffConfig(before, defaultConfig())
    assert.deepEqual(
      [realms, workers],
      [
        { added: [], changed: [], removed: [] },
        { added: [], changed: [], removed: [] },
      ],
    )
    assert.deepEqual([live, restart], [[], []])
  })

  it('names the realms that came, changed and went', () => {
    const changed: RealmConfig = { ...chat, strategy: 'random' }
    const added: RealmConfig = { ...chat, name: '$CODE' }
    const { realms } = diffConfig(before, { ...before, realms: [changed, vision, added] })
    assert.deepEqual(realms, { added: [added], changed: [changed], removed: ['$IMAGINE'] })
  })

  it('tells what can be applied at once from what waits for a restart', () => {
    const node = { ...before.node, scope: 'public', http: { host: '127.0.0.1', port: 1 }, network: 'lab' } as const
    const { live, restart } = diffConfig(before, { ...before, node, federationId: 'federation_00000001' })
    assert.deepEqual([...live].sort(), ['federation_id', 'node.scope'])
    assert.deepEqual([...restart].sort(), ['node.http', 'node.network'])
  })

  it('names keys as the file spells them', () => {
    const node = { ...before.node, degradedAfterMs: 1, allowedHosts: ['rig.lan'] }
    const { live, restart } = diffConfig(before, { ...before, node })
    assert.deepEqual([live, restart], [['node.degraded_after'], ['node.allowed_hosts']])
  })
})
