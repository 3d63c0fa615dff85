import assert from 'node:assert/strict'
import { RECEIPT_VERSION, type RouteReceipt } from '../../../../../core/query/receipt.ts'
import { type CommandResult, commandContext, runCommand } from '../../../../support/command-context.ts'
import { FakeGateway } from '../../../../support/fake-gateway.ts'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'

const RECEIPT: RouteReceipt = {
  version: RECEIPT_VERSION,
  id: 'q-7',
  type: 'chat',
  realm: '$CHAT',
  scope: 'home',
  modelAsked: 'tiny',
  attempts: [
    {
      node: '12D3KooWPeerOfTheTestThatIsLong',
      path: { kind: 'relayed', over: 'tcp', relay: '12D3KooWRelay' },
      rttMs: 84.4,
      startedMs: 3,
      tookMs: 1_250,
      events: 0,
      outcome: 'PEER_LOST',
    },
    {
      node: '12D3KooWTheOtherPeerOfThisTest',
      worker: 'desk/ollama',
      path: { kind: 'direct', over: 'webrtc' },
      rttMs: 4.2,
      startedMs: 1_253,
      tookMs: 400,
      events: 9,
      outcome: 'served',
      verified: 'yes',
    },
  ],
  continued: false,
  hedged: false,
  at: 0,
  totalMs: 1_700,
  overheadUs: 300,
  outcome: 'served',
}

describe('realmesh trace', () => {
  const folder = temporaryFolder()
  let gateway: FakeGateway

  beforeEach(() => {
    gateway = new FakeGateway(folder.path('h'))
  })
  afterEach(() => gateway.close())

  async function traced(receipt: RouteReceipt, columns?: number): Promise<CommandResult> {
    await gateway.serve((_request, reply) => reply.end(JSON.stringify(receipt)))
    return await runCommand(
      ['trace', 'last', '--home', folder.path('h')],
      commandContext(columns === undefined ? {} : { columns }),
    )
  }

  it('tells of each try by which way it went and how long that way was, within 80 columns', async () => {
    const { out } = await traced(RECEIPT, 80)
    assert.match(out, /…atIsLong .*relayed +84 ms .*PEER_LOST/)
    assert.match(out, /…ThisTest .*webrtc +4\.2 ms .*served/)
    assert.deepEqual(
      out.split('\n').filter((line) => line.length > 80),
      [],
    )
  })

  it('tells none of a try that stayed here', async () => {
    const attempts = [{ node: 'here', startedMs: 0, tookMs: 9, events: 1, outcome: 'served' as const }]
    assert.match((await traced({ ...RECEIPT, attempts })).out, /^1 +here +- +- +-/m)
  })
})
