/**
 * A query crosses the swarm: real daemons in processes of their own on loopback, stub engines, programs as people run
 * them.
 */
import assert from 'node:assert/strict'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import OpenAI from 'openai'
import type { RouteReceipt } from '../../core/query/receipt.ts'
import { type Daemon, DaemonHarness, eventually } from '../support/daemon.ts'
import { startStub } from '../support/engines/stub-kinds.ts'
import type { StubKnobs } from '../support/engines/stub-knobs.ts'
import type { StubServer } from '../support/engines/stub-server.ts'

const MESSAGES = [{ role: 'user' as const, content: 'Where does the answer come from?' }]

function client(daemon: Daemon): OpenAI {
  return new OpenAI({ baseURL: `${daemon.http}/v1`, apiKey: 'none', maxRetries: 0 })
}

describe('first light', () => {
  let harness: DaemonHarness
  let stubs: StubServer[]

  beforeEach(() => {
    harness = new DaemonHarness()
    stubs = []
  })

  afterEach(async () => {
    await harness.close()
    await Promise.all(stubs.map((stub) => stub.stop()))
  })

  async function stub(knobs: Partial<StubKnobs> = {}): Promise<StubServer> {
    const made = await startStub('ollama', { models: ['tiny'], ...knobs })
    stubs.push(made)
    return made
  }

  /** A bootstrap node, and how further nodes of its federation join through it. */
  async function federation() {
    const boot = await harness.up(['--no-builtin'])
    const join = [
      '--no-builtin',
      '--bootstrap',
      boot.addresses[0] ?? '',
      '--federation-key',
      `${boot.home}/data/federation.key`,
    ]
    return { boot, join }
  }

  /** Waits until `asker` knows that `count` nodes serve the model. */
  async function knows(asker: Daemon, count: number, model = 'tiny'): Promise<void> {
    await eventually(`${count} nodes with ${model} are known`, async () => {
      const peers = await asker.peers()
      return peers.filter((peer) => peer.connected && peer.models.includes(model)).length === count
    })
  }

  it('streams tokens one by one from the engine of another node, and names that node', async () => {
    const engine = await stub({ tokens: 8, pauseAfter: 3 })
    const { join } = await federation()
    const rig = await harness.up([...join, '--engine', `ollama=${engine.url}`])
    const asker = await harness.up(join)
    await knows(asker, 1)
    const stream = await client(asker)
      .chat.completions.create({ model: 'tiny', messages: MESSAGES, stream: true })
      .withResponse()
    assert.equal(stream.response.headers.get('x-realmesh-node'), rig.peerId)
    let before = ''
    let text = ''
    for await (const chunk of stream.data) {
      text += chunk.choices[0]?.delta.content ?? ''
      if (text === '' || before !== '') continue
      // The engine holds back all but three tokens until some have crossed the swarm: they cannot have been gathered on
      // the way.
      before = text
      assert.equal(engine.journal.count('end'), 0)
      engine.release()
    }
    assert.ok(text.startsWith(before) && text.length > before.length, 'the rest came behind it')
    const path = { kind: 'loopback', over: 'tcp' }
    assert.deepEqual((await asker.peers()).find((peer) => peer.id === rig.peerId)?.path, path)
    const receipt = (await (await fetch(`${asker.http}/api/queries/last`)).json()) as RouteReceipt
    assert.deepEqual(receipt.attempts[0]?.path, path)
    assert.ok((receipt.attempts[0]?.rttMs ?? -1) >= 0)
  })

  it('answers a tool of an agent at another node, whose engine gets the trace of the agent', async () => {
    const engine = await stub({ tokens: 8 })
    const { join } = await federation()
    const rig = await harness.up([...join, '--engine', `ollama=${engine.url}`])
    const asker = await harness.up(join)
    await knows(asker, 1)
    const traces: unknown[] = []
    engine.server.on('request', ({ url, headers }) => {
      if (url === '/api/chat') traces.push(headers['traceparent'])
    })
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
    const agent = new Client({ name: 'agent', version: '1' }, { versionNegotiation: { mode: 'auto' } })
    await agent.connect(
      new StreamableHTTPClientTransport(new URL(`${asker.http}/mcp`), { requestInit: { headers: { traceparent } } }),
    )
    const { structuredContent } = await agent.callTool({ name: 'ask', arguments: { prompt: 'Where?', model: 'tiny' } })
    const { node, text } = structuredContent as { node: string; text: string }
    assert.equal(node, rig.peerId)
    assert.notEqual(text, '')
    assert.deepEqual(traces, [traceparent])
    await agent.close()
  })

  it('cancels at the engine when the client goes', async () => {
    const engine = await stub({ pauseAfter: 10 })
    const { join } = await federation()
    await harness.up([...join, '--engine', `ollama=${engine.url}`])
    const asker = await harness.up(join)
    await knows(asker, 1)
    const abort = new AbortController()
    const stream = await client(asker).chat.completions.create(
      { model: 'tiny', messages: MESSAGES, stream: true },
      { signal: abort.signal },
    )
    for await (const chunk of stream) if ((chunk.choices[0]?.delta.content ?? '') !== '') break
    abort.abort()
    await engine.journal.waitFor('cancel')
  })

  it('answers from another node when the one that serves is killed before its first token', async () => {
    const slow = await stub({ ttftMs: 60_000 })
    const quick = await stub()
    const { join } = await federation()
    const first = await harness.up([...join, '--engine', `ollama=${slow.url}`])
    const asker = await harness.up(join)
    await knows(asker, 1)
    const answer = client(asker).chat.completions.create({ model: 'tiny', messages: MESSAGES }).withResponse()
    await slow.journal.waitFor('start')
    const second = await harness.up([...join, '--engine', `ollama=${quick.url}`])
    await knows(asker, 2)
    await first.stop('SIGKILL')
    const { response, data } = await answer
    assert.equal(response.headers.get('x-realmesh-node'), second.peerId)
    assert.notEqual(data.choices[0]?.message.content, '')
  })

  it('finds its peers again after a restart although the bootstrap node is gone', async () => {
    const engine = await stub()
    const { boot, join } = await federation()
    const rig = await harness.up([...join, '--engine', `ollama=${engine.url}`])
    const asker = await harness.up(join)
    await knows(asker, 1)
    await asker.stop()
    await boot.stop()
    const again = await harness.up(join, { home: asker.home })
    assert.equal(again.peerId, asker.peerId)
    await knows(again, 1)
    const { response } = await client(again)
      .chat.completions.create({ model: 'tiny', messages: MESSAGES })
      .withResponse()
    assert.equal(response.headers.get('x-realmesh-node'), rig.peerId)
  })

  it('finds a node of the same network by mDNS alone', async () => {
    const network = `mdns-${process.pid}`
    const key = `${(await harness.up(['--network', network])).home}/data/federation.key`
    const one = await harness.up(['--network', network, '--federation-key', key], { mdns: true })
    const two = await harness.up(['--network', network, '--federation-key', key], { mdns: true })
    await eventually('they met', async () =>
      (await two.peers()).some((peer) => peer.id === one.peerId && peer.connected),
    )
  })

  it('does not serve a stranger, and tells him so', async () => {
    const engine = await stub()
    const { boot, join } = await federation()
    await harness.up([...join, '--engine', `ollama=${engine.url}`, '--share', 'home'])
    const stranger = await harness.up(['--no-builtin', '--bootstrap', boot.addresses[0] ?? '', '--scope', 'public'])
    await knows(stranger, 1)
    await assert.rejects(
      client(stranger).chat.completions.create({ model: 'tiny', messages: MESSAGES }),
      (error: Error) => {
        assert.match(error.message, /federation|share/i)
        return true
      },
    )
    assert.equal(engine.journal.count('start'), 0)
  })

  it('never sends a home query to a stranger who would serve it', async () => {
    const engine = await stub()
    const { boot } = await federation()
    const rig = await harness.up([
      '--bootstrap',
      boot.addresses[0] ?? '',
      '--engine',
      `ollama=${engine.url}`,
      '--share',
      'public',
    ])
    const asker = await harness.up(['--no-builtin', '--bootstrap', boot.addresses[0] ?? ''])
    await eventually('they are connected', async () =>
      (await asker.peers()).some((peer) => peer.id === rig.peerId && peer.connected && peer.models.length > 0),
    )
    await assert.rejects(
      client(asker).chat.completions.create({ model: 'tiny', messages: MESSAGES }),
      (error: Error) => {
        assert.match(error.message, /scope/)
        return true
      },
    )
    assert.equal(engine.journal.count('start'), 0)
    const widened = await client(asker)
      .chat.completions.create({ model: 'tiny', messages: MESSAGES }, { headers: { 'x-realmesh-scope': 'public' } })
      .catch((error: Error) => error)
    assert.ok(
      widened instanceof Error && /machines of people you do not know/.test(widened.message),
      'the first public query needs a yes',
    )
  })

  it('finishes what runs on SIGTERM, takes nothing new, and ends with status 0', async () => {
    const engine = await stub({ tokens: 6, pauseAfter: 2 })
    const rig = await harness.up(['--no-builtin', '--engine', `ollama=${engine.url}`])
    const stream = await client(rig).chat.completions.create({ model: 'tiny', messages: MESSAGES, stream: true })
    let text = ''
    let stopped: ReturnType<Daemon['stop']> | undefined
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ''
      if (stopped !== undefined || text === '') continue
      stopped = rig.stop('SIGTERM')
      await eventually('it drains', () => /draining/.test(rig.stderr()))
      engine.release()
    }
    assert.deepEqual(await stopped, { code: 0, signal: null })
    assert.ok(text.length > 0)
  })
})
