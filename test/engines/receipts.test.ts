/** What a receipt says of a real llama-server at another node, held against what the engine itself tells. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { RouteReceipt } from '../../core/query/receipt.ts'
import { type Daemon, DaemonHarness, eventually } from '../support/daemon.ts'
import { LlamaServer, llamaServerMissing } from '../support/real/llama-server.ts'
import { skip } from '../support/skip.ts'

interface Completion {
  readonly choices: readonly { readonly message: { readonly content: string } }[]
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number }
  readonly realmesh: { readonly receipt: RouteReceipt }
}

const BODY = {
  model: 'smol',
  temperature: 0,
  max_tokens: 90,
  messages: [{ role: 'user', content: 'Write a short story about a dragon.' }],
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

describe('the receipt of a query that a real engine of another node served', () => {
  const harness = new DaemonHarness()
  let engine: LlamaServer | undefined
  let asker: Daemon

  before(async function () {
    const missing = llamaServerMissing()
    if (missing !== undefined) skip(this, missing)
    engine = await LlamaServer.start()
    asker = await harness.up(['--no-builtin'])
    await harness.up([
      '--no-builtin',
      ...['--bootstrap', asker.addresses[0] ?? ''],
      ...['--federation-key', `${asker.home}/data/federation.key`],
      ...['--engine', `llama-server=${engine.url}`],
    ])
    await eventually('its model is offered', async () => {
      const { data } = (await (await fetch(`${asker.http}/v1/models`)).json()) as { data: { id: string }[] }
      return data.some(({ id }) => id === 'smol')
    })
  })

  after(async () => {
    await harness.close()
    await engine?.stop()
  })

  const post = (url: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(BODY),
    })

  it('is verified, and tells digest, template, quantisation, sampling, counts and hashes as they are', async () => {
    assert.ok(engine)
    const direct = (await (await post(engine.url)).json()) as Completion
    const props = (await (await fetch(`${engine.url}/props`)).json()) as { chat_template: string }
    const response = await post(asker.http, { 'x-realmesh-receipt': '1' })
    const { choices, usage, realmesh } = (await response.json()) as Completion
    const text = choices[0]?.message.content ?? ''
    assert.equal(text, direct.choices[0]?.message.content)

    const { receipt } = realmesh
    assert.deepEqual(
      [response.headers.get('x-realmesh-verified'), receipt.verified, receipt.version],
      ['yes', 'yes', 2],
    )
    const attempt = receipt.attempts.at(-1)
    const part = attempt?.served
    assert.ok(part)
    const { by } = part
    assert.equal(by.template, sha256(props.chat_template))
    assert.match(by.digest ?? '', /^meta:[0-9a-f]{32}$/)
    assert.equal(by.quantization, 'Q4_1')
    assert.deepEqual(by.sent, { max_tokens: 90, temperature: 0 })
    assert.deepEqual([by.defaults?.['repeat_penalty'], by.defaults?.['top_p']], [1, 0.95])
    assert.equal(by.defaults?.['temperature'], undefined, 'it was sent')
    const counts = [direct.usage.prompt_tokens, direct.usage.completion_tokens]
    assert.deepEqual([part.promptTokens, part.completionTokens], counts)
    assert.deepEqual([usage.prompt_tokens, usage.completion_tokens], counts)
    assert.equal(part.answerHash, sha256(text))
    assert.equal(part.pieceHashes.length, 2 * 16, '90 tokens are two pieces')
    assert.ok((part.decodeRate ?? 0) > 0 && (part.firstMs ?? -1) >= 0)
    assert.doesNotMatch(JSON.stringify(receipt), /gguf|\/home|\/tmp|site-packages/i)
  })

  it('is verified anew when it is read', async () => {
    const { receipt } = ((await (await post(asker.http, { 'x-realmesh-receipt': '1' })).json()) as Completion).realmesh
    const read = (await (await fetch(`${asker.http}/api/queries/${receipt.id}`)).json()) as RouteReceipt
    assert.deepEqual([read.verified, read.attempts.at(-1)?.verified], ['yes', 'yes'])
    assert.equal(read.attempts.at(-1)?.served?.signature, receipt.attempts.at(-1)?.served?.signature)
  })
})
