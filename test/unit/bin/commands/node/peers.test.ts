import assert from 'node:assert/strict'
import type { PeerStatus } from '../../../../../node/api/node-api.ts'
import { type CommandResult, commandContext, runCommand } from '../../../../support/command-context.ts'
import { FakeGateway } from '../../../../support/fake-gateway.ts'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'

const PEER: PeerStatus = {
  id: '12D3KooWPeerOfTheTestThatIsLong',
  name: 'attic',
  label: 'federation_aae2bceb',
  connected: true,
  path: { kind: 'relayed', over: 'tcp', relay: '12D3KooWRelay' },
  rttMs: 84.4,
  relation: 'home',
  realms: ['$CHAT'],
  models: ['tiny', 'a-model-with-a-name-of-some-length'],
  running: 0,
  queued: 0,
  slots: 4,
  draining: false,
  paused: false,
  heardMsAgo: 2_000,
  breaker: 'closed',
}

describe('realmesh peers', () => {
  const folder = temporaryFolder()
  let gateway: FakeGateway

  beforeEach(() => {
    gateway = new FakeGateway(folder.path('h'))
  })
  afterEach(() => gateway.close())

  /** What it prints of such a node, in a terminal of so many columns. */
  async function shown(peers: readonly PeerStatus[], status: object, columns?: number): Promise<CommandResult> {
    await gateway.serve(({ url }, reply) => {
      reply.end(JSON.stringify(url === '/api/peers' ? { peers } : { peers: status }))
    })
    return await runCommand(['peers', '--home', folder.path('h')], commandContext(columns ? { columns } : {}))
  }

  it('tells which bootstrap peers are not reached and why, instead of advice that was followed', async () => {
    const troubles = ['bootstrap peer …abcdefgh is not reached, tried again and again: network is unreachable']
    const { out } = await shown([], { troubles })
    assert.equal(out, `no peers yet\n! ${troubles[0]}\n`)
    assert.match((await shown([], { troubles: [] })).out, /--bootstrap/)
  })

  it('reads the status of a node that is older than the command', async () => {
    const { out, status } = await shown([], {})
    assert.equal(status, 0, out)
  })

  it('is no wider than the terminal, and leaves no column out elsewhere', async () => {
    const { out } = await shown([PEER], { troubles: [] }, 80)
    assert.deepEqual(
      out.split('\n').filter((line) => line.length > 80),
      [],
    )
    assert.match(out, /relayed +84 ms +tiny/)
    assert.match((await shown([PEER], { troubles: [] })).out, /RTT +RUNNING +QUEUED +SUCCESS +HEARD +MODELS/)
  })
})
