import assert from 'node:assert/strict'
import { newSwarmKey, writeSwarmKey } from '../../../../home/keys/swarm-key.ts'
import type { NodeBasics } from '../../../../node/compose/basics.ts'
import { composeSwarm } from '../../../../node/compose/swarm.ts'
import { defaultConfig } from '../../../support/default-config.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

describe('the room of the swarm', () => {
  const folder = temporaryFolder()

  it('is not put together for a private swarm that is to meet in the public DHT', async () => {
    const home = { swarmKey: folder.path('swarm.key') }
    await writeSwarmKey(home.swarmKey, newSwarmKey())
    const config = defaultConfig()
    const rendezvous = { ...config.node.rendezvous, enabled: true }
    const basics = { home, config: () => ({ ...config, node: { ...config.node, rendezvous } }), keys: {} }
    await assert.rejects(composeSwarm(basics as NodeBasics, {} as never), {
      code: 'CONFIG_INVALID',
      fix: /node\.rendezvous\.enabled false/,
    })
  })
})
