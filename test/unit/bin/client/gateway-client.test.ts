import assert from 'node:assert/strict'
import { GatewayClient } from '../../../../bin/client/gateway-client.ts'
import { type CommandResult, commandContext, runCommand } from '../../../support/command-context.ts'
import { FakeGateway } from '../../../support/fake-gateway.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

describe('GatewayClient', () => {
  const folder = temporaryFolder()
  let gateway: FakeGateway

  beforeEach(() => {
    gateway = new FakeGateway(folder.path('h'))
  })
  afterEach(() => gateway.close())

  const run = (argv: readonly string[], context = commandContext()): Promise<CommandResult> =>
    runCommand([...argv, '--home', folder.path('h')], context)

  it('survives an error page that is no JSON', async () => {
    const home = await gateway.serve((_, reply) => {
      reply.statusCode = 502
      reply.end('<html>bad gateway</html>')
    })
    const client = await GatewayClient.connect(home, {})
    await assert.rejects(client.json('/api/status'), { code: 'INTERNAL', message: /status 502/ })
  })

  it('sends the key of the environment', async () => {
    let seen: unknown
    await gateway.serve((request, reply) => {
      seen = request.headers.authorization
      reply.end('{"peers":[]}')
    })
    await run(['peers', '--json'], commandContext({ env: { REALMESH_API_KEY: 'sk-1' } }))
    assert.equal(seen, 'Bearer sk-1')
  })

  it('says that no daemon runs when a killed one left its file behind', async () => {
    const home = await gateway.serve(() => {})
    gateway.close()
    await assert.rejects(GatewayClient.connect(home, {}), { code: 'DAEMON_NOT_RUNNING' })
  })

  it('does not wait for a daemon that takes connections and says nothing, as one that is stopped does', async () => {
    const home = await gateway.serve(() => {}, { health: false })
    await assert.rejects(GatewayClient.connect(home, {}, { limit: () => AbortSignal.timeout(20) }), {
      code: 'TIMEOUT',
      message: 'the daemon (pid 1) does not answer',
      fix: /kill -CONT 1/,
    })
  })

  it('does not wait for a reply that never comes, nor for one that never ends', async () => {
    let over = new AbortController()
    const limit = (): AbortSignal => {
      over = new AbortController()
      return over.signal
    }
    const silent = await gateway.serve(() => over.abort())
    await assert.rejects((await GatewayClient.connect(silent, {}, { limit })).json('/'), { code: 'TIMEOUT' })
    const endless = await gateway.serve((_, reply) => void reply.write('{', () => over.abort()))
    await assert.rejects((await GatewayClient.connect(endless, {}, { limit })).json('/'), { code: 'TIMEOUT' })
  })
})
