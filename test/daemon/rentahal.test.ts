/**
 * A real daemon with nothing but its built-in engines, as RENT-A-HAL's clients and hosts meet it. The engines of this
 * repository that speak to stock workers are the clients: what they were written for is what the daemon poses as.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import type { ImagineQuery } from '../../core/query/query.ts'
import { Automatic1111Engine } from '../../engines/images/automatic1111.ts'
import { RentAHalEngine } from '../../engines/rentahal/rentahal.ts'
import { collect, textOf } from '../support/collect.ts'
import { type Daemon, DaemonHarness } from '../support/daemon.ts'
import { parseExposition } from '../support/exposition.ts'
import { chatQuery } from '../support/query.ts'

const PNG_HEAD = 'iVBORw0KGgo'

describe('a daemon before RENT-A-HAL', () => {
  const harness = new DaemonHarness()
  const never = new AbortController().signal
  let daemon: Daemon
  before(async () => {
    const home = harness.home()
    const page = join(home, 'page')
    await mkdir(page, { recursive: true })
    await writeFile(join(page, 'index.html'), '<!doctype html><title>the page</title>')
    await writeFile(join(home, 'realms.yml'), 'user_data:\n  reserve: 0\nnode:\n  rentahal: {page: page, root: true}\n')
    daemon = await harness.up([], { home })
  })
  after(() => harness.close())

  const post = async (path: string, body: object): Promise<Response> =>
    await fetch(`${daemon.http}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

  const LOADS: readonly (readonly [path: string, body: object, answer: RegExp])[] = [
    ['/api/chat', { prompt: 'Test', query_type: 'chat' }, /realmesh/],
    ['/api/chat', { prompt: 'Test', query_type: 'chat', model_type: 'huggingface', model_name: 'gpt2' }, /realmesh/],
    ['/api/vision', { prompt: 'Analyze image', query_type: 'vision', model_type: 'clip' }, /realmesh/],
    [
      '/api/imagine',
      { prompt: 'Generate image', query_type: 'imagine', model_type: 'stable_diffusion' },
      new RegExp(`^${PNG_HEAD}`),
    ],
  ]
  for (const [path, body, answer] of LOADS) {
    it(`answers ${JSON.stringify(body)} with a bare text`, async () => {
      const response = await post(path, body)
      const told: unknown = await response.json()
      assert.equal(response.status, 200)
      assert.match(String(told), answer)
    })
  }

  it('is a worker to the engine for stock workers', async () => {
    const engine = new RentAHalEngine({ url: daemon.http })
    try {
      const [model] = await engine.models({ signal: never })
      assert.equal(model?.name, 'rentahal-worker')
      const messages = [{ role: 'user', content: 'What is realmesh?' }] as const
      const query = chatQuery({ model: 'rentahal-worker', body: { messages } })
      assert.match(textOf(await collect(engine.run(query, { signal: never }))), /realmesh/)
    } finally {
      await engine.close()
    }
  })

  it('is an Automatic1111 to the engine for that', async () => {
    const engine = new Automatic1111Engine({ url: daemon.http, pollMs: 20 })
    try {
      const [model] = await engine.models({ signal: never })
      assert.equal(model?.name, 'builtin/procedural')
      const query: ImagineQuery = {
        ...chatQuery({ model: 'builtin/procedural' }),
        ...{ type: 'imagine', body: { prompt: 'a cat', width: 64, height: 48, seed: 5, count: 2 } },
      }
      const images = (await collect(engine.run(query, { signal: never }))).filter((event) => event.kind === 'image')
      assert.deepEqual(
        images.map(({ seed, mediaType }) => [seed, mediaType]),
        [
          [5, 'image/png'],
          [6, 'image/png'],
        ],
      )
    } finally {
      await engine.close()
    }
  })

  it('has the page of its folder, and figures that Prometheus reads, libp2p’s among them', async () => {
    const page = await (await fetch(daemon.http, { headers: { accept: 'text/html' } })).text()
    assert.match(page, /the page/)
    assert.equal((await fetch(`${daemon.http}/rentahal/realms.yml`)).status, 404)
    const families = parseExposition(await (await fetch(`${daemon.http}/metrics`)).text())
    const served = families.get('rentahal_queries_total')?.samples.get('rentahal_queries_total')
    assert.ok((served?.find(({ labels }) => labels['realm'] === '$CHAT')?.value ?? 0) > 0)
    assert.ok(families.has('libp2p_connection_manager_connections'))
  })

  it('counts the sockets of its clients, and what they sent', async () => {
    const socket = new WebSocket(`${daemon.http.replace('http', 'ws')}/ws`)
    const answered = Promise.withResolvers<void>()
    socket.on('message', (data) => {
      if ((JSON.parse(String(data)) as { type: string }).type === 'query_result') answered.resolve()
    })
    try {
      await once(socket, 'open')
      socket.send(JSON.stringify({ type: 'submit_query', query: { prompt: 'Hello, MTOR!', query_type: 'chat' } }))
      await answered.promise
      const headers = { accept: 'application/json' }
      const told: unknown = await (await fetch(`${daemon.http}/metrics`, { headers })).json()
      const { $CHAT: chat } = (told as { realm_stats: Record<string, Record<string, number>> }).realm_stats
      assert.deepEqual([chat?.['connections'], chat?.['peak_connections'], chat?.['messages_processed']], [1, 1, 1])
      const families = parseExposition(await (await fetch(`${daemon.http}/metrics`)).text())
      const open = families.get('rentahal_connections')?.samples.get('rentahal_connections')
      assert.equal(open?.find(({ labels }) => labels['realm'] === '$CHAT')?.value, 1)
    } finally {
      socket.terminate()
    }
  })
})
