import assert from 'node:assert/strict'
import { commandContext, runCommand } from '../../../../support/command-context.ts'
import { FakeGateway } from '../../../../support/fake-gateway.ts'
import { FakeNode } from '../../../../support/fake-node.ts'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'

describe('realmesh status', () => {
  const folder = temporaryFolder()
  let gateway: FakeGateway

  beforeEach(() => {
    gateway = new FakeGateway(folder.path('h'))
  })
  afterEach(() => gateway.close())

  it('says where programs reach the node, which took any free port', async () => {
    await gateway.serve((_request, reply) => reply.end(JSON.stringify(new FakeNode().status())))
    const { out: stdout } = await runCommand(['status', '--home', folder.path('h')], commandContext())
    const [, openai, others] = /^programs +(\S+)\/v1 \(OpenAI\), (\S+) \(Anthropic, Ollama\)$/m.exec(stdout) ?? []
    assert.match(openai ?? '', /^http:\/\/127\.0\.0\.1:\d+$/)
    assert.equal(openai, others)
  })

  it('says by which ways its peers are reached, and how far they are', async () => {
    const status = new FakeNode().status()
    const paths = [
      { kind: 'lan', peers: 2, rttMs: 0.42 },
      { kind: 'relayed', peers: 1 },
    ] as const
    const peers = { ...status.peers, connected: 3, known: 8, paths }
    await gateway.serve((_request, reply) => reply.end(JSON.stringify({ ...status, peers })))
    const { out } = await runCommand(['status', '--home', folder.path('h')], commandContext())
    assert.match(out, /^peers +3 connected \(2 lan 0\.4 ms, 1 relayed\), 8 known$/m)
  })

  it('says which peers stay on relays, and what to install where that would help; else nothing of it', async () => {
    const { reach, ...status } = new FakeNode().status()
    const told = async (direct: Partial<typeof reach.direct>): Promise<string | undefined> => {
      const body = { ...status, reach: { ...reach, direct: { ...reach.direct, ...direct } } }
      await gateway.serve((_request, reply) => reply.end(JSON.stringify(body)))
      const { out } = await runCommand(['status', '--home', folder.path('h')], commandContext())
      return /^direct +(.*)$/m.exec(out)?.[1]
    }
    assert.equal(await told({}), undefined)
    assert.equal(await told({ webRtc: 'missing' }), undefined)
    assert.equal(await told({ webRtc: 'missing', waiting: 1 }), 'not through routers: npm install @libp2p/webrtc')
    assert.equal(await told({ trying: 1, waiting: 2 }), undefined)
    assert.equal(await told({ hopeless: 1 }), 'no way to 1 peer, which relays bring; tried again later')
  })

  it('says how the first peer came and how long that took', async () => {
    await gateway.serve((_request, reply) => reply.end(JSON.stringify(new FakeNode().status())))
    const { out: stdout } = await runCommand(['status', '--home', folder.path('h')], commandContext())
    assert.match(stdout, /^joined +0\.8 s after the start: \S+, found in the local network$/m)
  })

  it('says what the swarm has cost, by its largest parts, and when its budget is used up', async () => {
    const bytes = (mb: number) => ({ sent: mb * 5e5, received: mb * 5e5 })
    const parts = { ping: bytes(0.1), kad: bytes(3), gossip: bytes(2), presence: bytes(1) }
    const traffic = { ...bytes(10), parts, background: { bytes: 6.1e6, mbPerDay: 100, spent: true } }
    const status = { ...new FakeNode().status(), uptimeMs: 3_600_000, traffic }
    await gateway.serve((_request, reply) => reply.end(JSON.stringify(status)))
    const { out } = await runCommand(['status', '--home', folder.path('h')], commandContext())
    const line = /^traffic +(.*)$/m.exec(out)?.[1]
    assert.equal(
      line,
      '10.0 MB/h in all, kad 3.0 MB/h, gossip 2.0 MB/h, presence 1.0 MB/h; the budget of 100 MB a day is used up for now',
    )
  })

  it('says of a node that is alone what is tried and what to do', async () => {
    const waysIn = { bootstrap: [], unresolved: [], tried: [], next: ['no way to find another one', 'realmesh invite'] }
    await gateway.serve((_request, reply) => reply.end(JSON.stringify({ ...new FakeNode().status(), waysIn })))
    const { out: stdout } = await runCommand(['status', '--home', folder.path('h')], commandContext())
    assert.match(stdout, /^alone +no way to find another one\n +realmesh invite$/m)
  })
})
