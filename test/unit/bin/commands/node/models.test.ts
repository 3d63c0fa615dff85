import assert from 'node:assert/strict'
import { commandContext, runCommand } from '../../../../support/command-context.ts'
import { FakeGateway } from '../../../../support/fake-gateway.ts'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'

describe('realmesh models', () => {
  const folder = temporaryFolder()
  let gateway: FakeGateway

  beforeEach(() => {
    gateway = new FakeGateway(folder.path('h'))
  })
  afterEach(() => gateway.close())

  /** What it prints of a node that says so of itself and of its peers. */
  async function shown(status: object, peers: readonly object[]): Promise<string> {
    const answers: Readonly<Record<string, object>> = {
      '/api/models': { models: [] },
      '/api/status': status,
      '/api/peers': { peers },
    }
    await gateway.serve(({ url = '' }, reply) => {
      reply.end(JSON.stringify(answers[url] ?? {}))
    })
    const { out } = await runCommand(['models', '--home', folder.path('h')], commandContext())
    return out
  }

  it('says whose models are missing because their owner paused the node', async () => {
    const rig = { id: '12D3KooWPeerOfTheTestThatIsLong', label: 'attic', paused: true }
    const out = await shown({}, [rig, { ...rig, id: 'other', paused: false }])
    assert.match(out, /^! …atIsLong \(attic\) is paused by its owner: its models are not listed$/m)
    assert.ok(!out.includes('other'))
  })

  it('says that this node is paused, and until when', async () => {
    assert.match(await shown({ paused: {} }, []), /^! this node is paused until realmesh resume/m)
    assert.match(await shown({ paused: { untilMs: Date.now() + 60_000 } }, []), /paused until \d\d:\d\d:/)
  })
})
