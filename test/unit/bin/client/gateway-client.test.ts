import assert from 'node:assert/strict'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GatewayClient } from '../../../../bin/client/gateway-client.ts'
import { homeFolder, prepareHome } from '../../../../home/home-folder.ts'
import { writeRuntimeFile } from '../../../../home/runtime-file.ts'
import { type CommandResult, commandContext, type KeptContext, runCommand } from '../../../support/command-context.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

describe('commands that speak to a daemon', () => {
  const folder = temporaryFolder()
  let server: Server | undefined

  /** A gateway that lives, and of which `answer` is all else; its daemon lives in the test's folder. */
  async function gateway(answer: RequestListener, { health = true } = {}): Promise<ReturnType<typeof homeFolder>> {
    closeServer()
    server = createServer((request, reply) => {
      if (health && request.url === '/health') reply.end('{}')
      else answer(request, reply)
    })
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const home = homeFolder(folder.path('h'), {})
    await prepareHome(home)
    await writeRuntimeFile(home, { pid: 1, http: `http://127.0.0.1:${port}`, peerId: 'p', startedAt: 1 })
    return home
  }

  const run = (argv: readonly string[], context = commandContext()): Promise<CommandResult> =>
    runCommand([...argv, '--home', folder.path('h')], context)

  function closeServer(): void {
    server?.closeAllConnections()
    server?.close()
    server = undefined
  }

  afterEach(closeServer)

  const sse = (...events: object[]): string =>
    `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`

  it('ask prints the answer to stdout, and who gave it to stderr', async () => {
    let body = ''
    let scope: unknown
    await gateway((request, reply) => {
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
    assert.match(err, /node …bodyelse · tiny .*realmesh trace q-7/)
    assert.equal(scope, 'friends')
    const { model, messages, stream } = JSON.parse(body)
    assert.deepEqual([model, messages, stream], ['tiny', [{ role: 'user', content: 'say hello' }], true])
  })

  it('ask reads the prompt from stdin', async () => {
    let body = ''
    await gateway((request, reply) => {
      request.on('data', (chunk) => {
        body += String(chunk)
      })
      request.on('end', () => reply.end(sse({ choices: [{ delta: { content: 'ok' } }] })))
    })
    await run(['ask'], commandContext({ input: 'from a pipe' }))
    assert.equal(JSON.parse(body).messages[0].content, 'from a pipe')
  })

  it('ask drops what would steer a terminal, and nothing for a pipe', async () => {
    await gateway((_, reply) => {
      reply.end(sse({ choices: [{ delta: { content: 'a\u001b[2Jb\n\tc' } }] }))
    })
    assert.equal((await run(['ask', 'x'], commandContext({ outIsTty: true }))).out, 'a[2Jb\n\tc\n')
    assert.equal((await run(['ask', 'x'])).out, 'a\u001b[2Jb\n\tc\n')
  })

  it('ask ends with the error that a stream breaks off with, keeping what came', async () => {
    await gateway((_, reply) => {
      const broken = { error: { message: 'the rig died after 12 characters', code: 'answer_cut' } }
      reply.end(sse({ choices: [{ delta: { content: 'so far' } }] }, broken))
    })
    const { out, err, status } = await run(['ask', 'x'])
    assert.match(out, /^so far/)
    assert.match(err, /the rig died after 12 characters \[ANSWER_CUT\]/)
    assert.equal(status, 1)
  })

  it('ask leaves when it is interrupted, and the gateway sees it', async () => {
    let onLeft = (): void => {}
    const left = new Promise<void>((resolve) => {
      onLeft = resolve
    })
    await gateway((_, reply) => {
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
      await gateway((_, reply) => {
        reply.statusCode = httpStatus
        reply.end(JSON.stringify({ error: { message: 'no', type: 't', code: word, fix: 'do this' } }))
      })
      const { err, status } = await run(['ask', 'x'])
      assert.equal(err, `realmesh: no [${code}]\n  fix: do this\n`)
      assert.equal(status, exit)
    })
  }

  it('survives an error page that is no JSON', async () => {
    const home = await gateway((_, reply) => {
      reply.statusCode = 502
      reply.end('<html>bad gateway</html>')
    })
    const client = await GatewayClient.connect(home, {})
    await assert.rejects(client.json('/api/status'), { code: 'INTERNAL', message: /status 502/ })
  })

  it('sends the key of the environment', async () => {
    let seen: unknown
    await gateway((request, reply) => {
      seen = request.headers.authorization
      reply.end('{"peers":[]}')
    })
    await run(['peers', '--json'], commandContext({ env: { REALMESH_API_KEY: 'sk-1' } }))
    assert.equal(seen, 'Bearer sk-1')
  })

  it('says that no daemon runs when a killed one left its file behind', async () => {
    const home = await gateway(() => {})
    await new Promise((resolve) => server?.close(resolve))
    await assert.rejects(GatewayClient.connect(home, {}), { code: 'DAEMON_NOT_RUNNING' })
  })

  it('does not wait for a daemon that takes connections and says nothing, as one that is stopped does', async () => {
    const home = await gateway(() => {}, { health: false })
    await assert.rejects(GatewayClient.connect(home, {}, { replyTimeoutMs: 20 }), {
      code: 'TIMEOUT',
      message: 'the daemon (pid 1) does not answer',
      fix: /kill -CONT 1/,
    })
  })

  it('does not wait for a reply that never comes, nor for one that never ends', async () => {
    const silent = await gateway(() => {})
    const client = await GatewayClient.connect(silent, {}, { replyTimeoutMs: 20 })
    await assert.rejects(client.json('/api/status'), { code: 'TIMEOUT' })
    const endless = await gateway((_, reply) => void reply.write('{'))
    await assert.rejects((await GatewayClient.connect(endless, {}, { replyTimeoutMs: 20 })).json('/'), {
      code: 'TIMEOUT',
    })
  })
})
