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
})
