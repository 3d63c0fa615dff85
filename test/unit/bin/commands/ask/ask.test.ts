import assert from 'node:assert/strict'
import {
  type CommandResult,
  commandContext,
  type KeptContext,
  runCommand,
} from '../../../../support/command-context.ts'
import { FakeGateway } from '../../../../support/fake-gateway.ts'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'

describe('realmesh ask', () => {
  const folder = temporaryFolder()
  let gateway: FakeGateway

  beforeEach(() => {
    gateway = new FakeGateway(folder.path('h'))
  })
  afterEach(() => gateway.close())

  const run = (argv: readonly string[], context = commandContext()): Promise<CommandResult> =>
    runCommand([...argv, '--home', folder.path('h')], context)

  const sse = (...events: object[]): string =>
    `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`

  it('prints the answer to stdout, and who gave it to stderr', async () => {
    let body = ''
    let scope: unknown
    await gateway.serve((request, reply) => {
      if (request.method !== 'POST') return void reply.writeHead(404).end('{}')
      scope = request.headers['x-realmesh-scope']
      request.on('data', (chunk) => {
        body += String(chunk)
      })
      request.on('end', () => {
        reply.setHeader('x-realmesh-node', '12D3KooWsomebodyelse')
        reply.setHeader('x-realmesh-query', 'q-7')
        reply.end(
          sse(
            { model: 'tiny', choices: [{ delta: { role: 'assistant' } }] },
            { model: 'tiny', choices: [{ delta: { content: 'Grüße ' } }] },
            { model: 'tiny', choices: [{ delta: { content: 'an alle' } }] },
            { model: 'tiny', choices: [], usage: { completion_tokens: 9 } },
          ),
        )
      })
    })
    const { out, err, status } = await run(['ask', 'say', 'hello', '--model', 'tiny', '--scope', 'friends'])
    assert.deepEqual([out, status], ['Grüße an alle\n', 0])
    assert.match(err, /node …bodyelse · tiny .*realmesh trace --home \S+ q-7/)
    assert.equal(scope, 'friends')
    const { model, messages, stream } = JSON.parse(body)
    assert.deepEqual([model, messages, stream], ['tiny', [{ role: 'user', content: 'say hello' }], true])
  })

  it('reads the prompt from stdin', async () => {
    let body = ''
    await gateway.serve((request, reply) => {
      request.on('data', (chunk) => {
        body += String(chunk)
      })
      request.on('end', () => reply.end(sse({ choices: [{ delta: { content: 'ok' } }] })))
    })
    await run(['ask'], commandContext({ input: 'from a pipe' }))
    assert.equal(JSON.parse(body).messages[0].content, 'from a pipe')
  })

  it('drops what would steer a terminal, and nothing for a pipe', async () => {
    await gateway.serve((_, reply) => {
      reply.end(sse({ choices: [{ delta: { content: 'a\u001b[2Jb\n\tc' } }] }))
    })
    assert.equal((await run(['ask', 'x'], commandContext({ outIsTty: true }))).out, 'a[2Jb\n\tc\n')
    assert.equal((await run(['ask', 'x'])).out, 'a\u001b[2Jb\n\tc\n')
  })

  it('ends with the error that a stream breaks off with, keeping what came', async () => {
    await gateway.serve((_, reply) => {
      const broken = { error: { message: 'the rig died after 12 characters', code: 'answer_cut' } }
      reply.end(sse({ choices: [{ delta: { content: 'so far' } }] }, broken))
    })
    const { out, err, status } = await run(['ask', 'x'])
    assert.match(out, /^so far/)
    assert.match(err, /the rig died after 12 characters \[ANSWER_CUT\]/)
    assert.equal(status, 1)
  })

  it('leaves when it is interrupted, and the gateway sees it', async () => {
    let onLeft = (): void => {}
    const left = new Promise<void>((resolve) => {
      onLeft = resolve
    })
    await gateway.serve((_, reply) => {
      reply.write('data: {"choices":[{"delta":{"content":"and then"}}]}\n\n')
      reply.on('close', onLeft)
    })
    const context = commandContext()
    const interrupting: KeptContext = {
      ...context,
      // The command's own listener is the last: mocha has one too.
      out: () => process.listeners('SIGINT').at(-1)?.('SIGINT'),
    }
    const { status } = await run(['ask', 'x'], interrupting)
    assert.equal(status, 130)
    await left
  })

  const refusals = [
    [404, 'model_not_found', 'MODEL_NOT_FOUND', 1],
    [429, 'rate_limit_exceeded', 'REALM_OVERLOADED', 7],
    [503, 'no_worker', 'NO_WORKER', 7],
    [401, 'invalid_api_key', 'UNAUTHORIZED', 1],
    [403, 'consent_needed', 'CONSENT_NEEDED', 1],
  ] as const
  for (const [httpStatus, word, code, exit] of refusals) {
    it(`gives ${word} of the gateway as ${code} with status ${exit}`, async () => {
      await gateway.serve((_, reply) => {
        reply.statusCode = httpStatus
        reply.end(JSON.stringify({ error: { message: 'no', type: 't', code: word, fix: 'do this' } }))
      })
      const { err, status } = await run(['ask', 'x'])
      const fix = code === 'UNAUTHORIZED' ? /^set REALMESH_API_KEY to a key of this node/ : /^do this$/
      const [cause, second = ''] = err.split('\n')
      assert.equal(cause, `realmesh: no [${code}]`)
      assert.match(second.replace('  fix: ', ''), fix)
      assert.equal(status, exit)
    })
  }

  it('says how to trace a query that was refused, and which model was meant', async () => {
    await gateway.serve((request, reply) => {
      if (request.url === '/api/models') return reply.end(JSON.stringify({ models: [{ model: { name: 'tiny' } }] }))
      reply.statusCode = 404
      reply.setHeader('x-realmesh-query', 'q-8')
      reply.end(JSON.stringify({ error: { message: 'no tniy. Fix: look', type: 't', code: 'model_not_found' } }))
    })
    const { err } = await run(['ask', 'x', '--model', 'tniy'])
    const [cause, fix = ''] = err.split('\n')
    assert.equal(cause, 'realmesh: no tniy [MODEL_NOT_FOUND]')
    assert.match(fix, /^ {2}fix: did you mean tiny\? look; realmesh trace --home \S+ q-8 tells what was tried$/)
  })

  it('refuses a scope that is none before it asks', async () => {
    const { err, status } = await run(['ask', 'x', '--scope', 'freinds'])
    assert.equal(err, 'realmesh: --scope freinds: there is no such scope [USAGE]\n  fix: did you mean friends?\n')
    assert.equal(status, 2)
  })
})
