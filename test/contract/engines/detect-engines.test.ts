import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type EngineKind, isCloudKind } from '../../../core/model/engine-kind.ts'
import { detectEngines, GATEWAY_HEADER, PROBE_HEADER } from '../../../engines/detect-engines.ts'
import { createEngine } from '../../../engines/engine-kinds.ts'
import { STUB_KINDS, type StubKind, startStub } from '../../support/engines/stub-kinds.ts'
import type { StubKnobs } from '../../support/engines/stub-knobs.ts'
import type { StubServer } from '../../support/engines/stub-server.ts'

const never = new AbortController().signal

/** The kind of engine that a stub is taken for. */
function kindOf(stub: StubKind): EngineKind {
  return stub === 'transformers' ? 'openai' : stub
}

describe('detect engines', () => {
  const stubs: StubServer[] = []
  const servers: Server[] = []

  async function stub(kind: StubKind, knobs: Partial<StubKnobs> = {}): Promise<StubServer> {
    const started = await startStub(kind, knobs)
    stubs.push(started)
    return started
  }

  async function serve(listener: Parameters<typeof createServer>[1]): Promise<number> {
    const server = createServer({}, listener)
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }

  afterEach(async () => {
    for (const each of stubs.splice(0)) await each.stop()
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  })

  it('finds every kind on ports that say nothing, and mistakes none', async () => {
    const kinds = (Object.keys(STUB_KINDS) as StubKind[]).filter((kind) => !isCloudKind(kindOf(kind)))
    const started = await Promise.all(kinds.map((kind) => stub(kind)))
    const detection = await detectEngines(
      { ports: started.map((each) => Number(new URL(each.url).port)), timeoutMs: 5_000 },
      { signal: never },
    )
    assert.deepEqual(
      detection.found.map(({ kind, url }) => [kind, url]).sort(),
      kinds.map((kind, i) => [kindOf(kind), started[i]?.url]).sort(),
    )
    assert.deepEqual(detection.refused, [])
  })

  it('makes a working engine of each that it finds', async () => {
    const started = await Promise.all(
      (['ollama', 'llama-server', 'vllm', 'lm-studio', 'koboldcpp'] as const).map((kind) => stub(kind)),
    )
    const { found } = await detectEngines({ ports: [], urls: started.map((each) => each.url) }, { signal: never })
    assert.equal(found.length, 5)
    for (const each of found) {
      const engine = createEngine(each)
      assert.equal(engine.kind, each.kind)
      assert.ok((await engine.models({ signal: never })).length > 0)
      await engine.close()
    }
  })

  it('leaves a realmesh gateway alone, although it looks like Ollama and like OpenAI', async () => {
    const seen: (string | undefined)[] = []
    const port = await serve((request, response) => {
      seen.push(request.headers[PROBE_HEADER] as string | undefined)
      response.setHeader(GATEWAY_HEADER, '0.1.0')
      if (request.url === '/') response.end('Ollama is running')
      else response.end(JSON.stringify({ object: 'list', data: [{ id: 'tiny' }], version: '0.33.0' }))
    })
    const { found, refused } = await detectEngines({ ports: [port] }, { signal: never })
    assert.deepEqual(found, [])
    assert.match(refused[0]?.reason ?? '', /a realmesh node/)
    assert.ok(seen.every((value) => value === '1'))
  })

  it('asks nothing more of a realmesh gateway once it knows', async () => {
    let questions = 0
    const port = await serve((_request, response) => {
      questions += 1
      response.setHeader(GATEWAY_HEADER, '0.1.0')
      response.end('Ollama is running')
    })
    await detectEngines({ ports: [port] }, { signal: never })
    assert.equal(questions, 1)
  })

  it('says why it left out what is no engine, what wants a key and what is not there', async () => {
    const page = await serve((_request, response) => response.writeHead(200).end('<h1>my web page</h1>'))
    const locked = await serve((_request, response) => response.writeHead(401).end('{"error":"key"}'))
    const gone = await stub('ollama')
    await gone.stop()
    const { found, refused } = await detectEngines(
      { ports: [page, locked, Number(new URL(gone.url).port)] },
      { signal: never },
    )
    assert.deepEqual(found, [])
    assert.deepEqual(
      refused.map(({ listening, closed }) => [listening, closed]),
      [
        [true, false],
        [true, false],
        [false, true],
      ],
    )
    assert.match(refused[0]?.reason ?? '', /no engine that is known/)
    assert.match(refused[1]?.reason ?? '', /wants a key/)
  })

  it('guesses that a server whose list of models fails wants a key', async () => {
    const port = await serve((request, response) => {
      response.writeHead(request.url === '/' ? 200 : request.url === '/v1/models' ? 500 : 404).end('{}')
    })
    const { refused } = await detectEngines({ ports: [port] }, { signal: never })
    assert.match(refused[0]?.reason ?? '', /perhaps it wants a key/)
  })

  it('sends no question that could change anything to a server that it does not know', async () => {
    const methods: (string | undefined)[] = []
    const port = await serve((request, response) => {
      methods.push(request.method)
      response.writeHead(200).end('{}')
    })
    await detectEngines({ ports: [port] }, { signal: never })
    assert.deepEqual([...new Set(methods)], ['GET'])
  })

  it('asks once more when a page was late, so that a busy engine keeps its name', async () => {
    let asked = 0
    const port = await serve((request, response) => {
      if (request.url === '/props') {
        asked += 1
        if (asked > 1) response.end(JSON.stringify({ total_slots: 1, build_info: 'b1' }))
        return
      }
      response.end(request.url === '/v1/models' ? '{"data":[{"id":"tiny"}]}' : '{}')
    })
    const { found } = await detectEngines({ ports: [port], timeoutMs: 1_500 }, { signal: never })
    assert.deepEqual(
      found.map((each) => [each.kind, each.version]),
      [['llama-server', 'b1']],
    )
  })

  it('knows a llama-server that still loads', async () => {
    const started = await stub('llama-server', { loadingReplies: -1 })
    const { found } = await detectEngines({ ports: [], urls: [started.url] }, { signal: never })
    assert.deepEqual(
      found.map(({ kind }) => kind),
      ['llama-server'],
    )
  })

  it('waits longer for one that took the connection and is busy', async () => {
    let asked = 0
    const port = await serve((request, response) => {
      asked += 1
      if (asked > 1) response.end(request.url === '/' ? 'Ollama is running' : '{}')
    })
    const { found } = await detectEngines({ ports: [port], timeoutMs: 100 }, { signal: never })
    assert.equal(found[0]?.kind, 'ollama')
  })

  it('gives up on a server that accepts and says nothing', async () => {
    const port = await serve(() => {})
    const { refused } = await detectEngines({ ports: [port], timeoutMs: 50 }, { signal: never })
    assert.match(refused[0]?.reason ?? '', /within 200 ms/)
  })
})
