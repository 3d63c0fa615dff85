/** Pictures that begin with one of the client, at the gateway, by the `openai` package and by hand. */
import assert from 'node:assert/strict'
import OpenAI, { toFile } from 'openai'
import { MAX_EDIT_BYTES } from '../../../core/query/query-limits.ts'
import { FAKE_START, listedModel, scripted } from '../../support/fake-node.ts'
import { type StartedGateway, startGateway } from '../../support/started-gateway.ts'

const DRAWN = Uint8Array.of(137, 80, 78, 71)

describe('the openai package, with a picture to be drawn on', () => {
  let started: StartedGateway
  let client: OpenAI
  beforeEach(async () => {
    started = await startGateway()
    started.node.listed = [listedModel('tiny')]
    started.node.script = scripted(
      FAKE_START,
      { kind: 'image', index: 0, mediaType: 'image/png', data: DRAWN },
      { kind: 'end', finishReason: 'stop' },
    )
    client = new OpenAI({ baseURL: `${started.gateway.url}/v1`, apiKey: 'sk-none', maxRetries: 0 })
  })
  afterEach(() => started.gateway.stop())

  const file = (text: string, type = 'image/png') => toFile(Buffer.from(text), 'me at home.png', { type })

  it('gets it, of which the node sees the picture, the mask and what was said', async () => {
    const drawn = await client.images.edit({
      model: 'tiny',
      prompt: 'a hat',
      image: await file('photo', 'image/jpeg'),
      mask: await file('hole'),
      n: 2,
      size: '512x512',
      response_format: 'b64_json',
    })
    assert.equal(drawn.data?.[0]?.b64_json, Buffer.from(DRAWN).toString('base64'))
    assert.deepEqual(started.node.asked[0]?.body, {
      prompt: 'a hat',
      width: 512,
      height: 512,
      count: 2,
      image: { mediaType: 'image/jpeg', data: Buffer.from('photo') },
      mask: { mediaType: 'image/png', data: Buffer.from('hole') },
    })
  })

  it('gets it as events of their own name', async () => {
    const stream = await client.images.edit({ model: 'tiny', prompt: 'a', image: await file('photo'), stream: true })
    const types: string[] = []
    for await (const event of stream) types.push(event.type)
    assert.deepEqual(types, ['image_edit.completed'])
  })

  it('may send a list of one picture, and is told that more are not taken', async () => {
    await client.images.edit({ model: 'tiny', prompt: 'a', image: [await file('one')] })
    assert.equal(started.node.asked.length, 1)
    const two = client.images.edit({ model: 'tiny', prompt: 'a', image: [await file('one'), await file('two')] })
    await assert.rejects(two, { status: 400, message: /one picture is taken/ })
    assert.equal(started.node.asked.length, 1)
  })

  it('is refused without a picture, with an empty one, and with more bytes than both may have', async () => {
    const form = (files: Record<string, Buffer>): Promise<Response> => {
      const body = new FormData()
      body.set('prompt', 'a')
      body.set('model', 'tiny')
      for (const [field, bytes] of Object.entries(files)) body.set(field, new Blob([new Uint8Array(bytes)]), 'a.png')
      return fetch(`${started.gateway.url}/v1/images/edits`, { method: 'POST', body })
    }
    assert.equal((await form({ mask: Buffer.from('x') })).status, 400)
    assert.equal((await form({ image: Buffer.alloc(0) })).status, 400)
    const half = Buffer.alloc(MAX_EDIT_BYTES / 2)
    assert.equal((await form({ image: half, mask: half })).status, 200)
    assert.equal((await form({ image: half, mask: Buffer.alloc(half.length + 1) })).status, 413)
    assert.equal(started.node.asked.length, 1)
  })
})
