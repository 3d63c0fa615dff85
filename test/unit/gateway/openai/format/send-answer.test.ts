/** What every endpoint's answer carries beside its own body: asked over HTTP, so that no endpoint can leave it out. */
import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../../../core/query/query-event.ts'
import type { RouteReceipt } from '../../../../../core/query/receipt.ts'
import { FAKE_START, scripted } from '../../../../support/fake-node.ts'
import { HELLO, type StartedGateway, send, startGateway } from '../../../../support/started-gateway.ts'

const RECEIPT = { id: 'q', overheadUs: 12.4 } as RouteReceipt
const PROMPT = { model: 'tiny', prompt: 'hello' }

/** Endpoint, body, and the content that a node answers it with. */
const ENDPOINTS: readonly (readonly [path: string, body: object, content: QueryEvent])[] = [
  ['/v1/chat/completions', HELLO, { kind: 'text', text: 'yes' }],
  ['/v1/chat/completions', { ...HELLO, stream: true }, { kind: 'text', text: 'yes' }],
  [
    '/v1/chat/completions',
    { ...HELLO, stream: true, stream_options: { include_usage: true } },
    { kind: 'text', text: 'yes' },
  ],
  ['/v1/completions', PROMPT, { kind: 'text', text: 'yes' }],
  ['/v1/completions', { ...PROMPT, stream: true }, { kind: 'text', text: 'yes' }],
  [
    '/v1/completions',
    { ...PROMPT, stream: true, stream_options: { include_usage: true } },
    { kind: 'text', text: 'yes' },
  ],
  ['/v1/embeddings', { model: 'tiny', input: 'hello' }, { kind: 'embedding', index: 0, vector: Float32Array.of(1) }],
  ['/v1/images/generations', PROMPT, { kind: 'image', index: 0, mediaType: 'image/png', data: Uint8Array.of(1) }],
]

describe('an answer of any endpoint', () => {
  let started: StartedGateway
  beforeEach(async () => {
    started = await startGateway()
  })
  afterEach(() => started.gateway.stop())

  /** The `realmesh` field of the body, or of the last chunk; and what stands in the headers. */
  async function realmeshOf(path: string, body: object, headers: Record<string, string>): Promise<unknown> {
    const { status, text } = await send(started.port, { path, body, headers })
    assert.equal(status, 200, text)
    const last = text.includes('data: ') ? text.split('data: ').at(-2) : text
    return JSON.parse(last ?? '').realmesh
  }

  for (const [path, body, content] of ENDPOINTS) {
    it(`${path} with ${JSON.stringify(body)} carries the receipt when the client asks for it, and only then`, async () => {
      started.node.script = scripted(FAKE_START, content, { kind: 'end', finishReason: 'stop', receipt: RECEIPT })
      assert.deepEqual(await realmeshOf(path, body, { 'x-realmesh-receipt': '1' }), { receipt: RECEIPT })
      assert.equal(await realmeshOf(path, body, { 'x-realmesh-receipt': '0' }), undefined)
      assert.equal(await realmeshOf(path, body, {}), undefined)
    })
  }

  it('is no success where nothing was drawn', async () => {
    started.node.script = scripted(FAKE_START, { kind: 'end', finishReason: 'stop' })
    const { status, text } = await send(started.port, { path: '/v1/images/generations', body: PROMPT })
    assert.deepEqual([status, JSON.parse(text).error.message], [502, 'the engine drew no picture'])
  })

  it('names the sources that a built-in guide answered from', async () => {
    const end: QueryEvent = { kind: 'end', finishReason: 'stop', sources: ['README.md'] }
    for (const [path, body, content] of ENDPOINTS) {
      started.node.script = scripted(FAKE_START, content, end)
      assert.deepEqual(await realmeshOf(path, body, {}), { sources: ['README.md'] }, path)
    }
  })
})
