/** Pictures that begin with one of the client, at the gateway, by the `openai` package and by hand. */
import assert from 'node:assert/strict'
import OpenAI, { toFile } from 'openai'
import { MAX_EDIT_BYTES } from '../../../core/query/query-limits.ts'
import { FAKE_START, listedModel, scripted } from '../../support/fake-node.ts'
import { type StartedGateway, send, startGateway } from '../../support/started-gateway.ts'

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

  it('may send up to sixteen pictures, of which the first is begun with', async () => {
    const files = await Promise.all(Array.from({ length: 17 }, (_, i) => file(`${i}`)))
    await client.images.edit({ model: 'tiny', prompt: 'a', image: files.slice(0, 1) })
    const picture = (i: number) => ({ mediaType: 'image/png', data: Buffer.from(`${i}`) })
    assert.deepEqual(started.node.asked[0]?.body, { prompt: 'a', image: picture(0) })
    await client.images.edit({ model: 'tiny', prompt: 'a', image: files.slice(0, 16) })
    const references = Array.from({ length: 15 }, (_, i) => picture(i + 1))
    assert.deepEqual(started.node.asked[1]?.body, { prompt: 'a', image: picture(0), references })
    const many = client.images.edit({ model: 'tiny', prompt: 'a', image: files })
    await assert.rejects(many, { status: 400, message: /16 pictures are taken at most/ })
    assert.equal(started.node.asked.length, 2)
  })

  describe('as JSON', () => {
    const url = (text: string): string => `data:image/png;base64,${Buffer.from(text).toString('base64')}`
    const picture = (text: string) => ({ mediaType: 'image/png', data: Buffer.from(text) })
    const edit = async (body: object) => {
      const sent = { path: '/v1/images/edits', body: { model: 'tiny', prompt: 'a', ...body } }
      const { status, text } = await send(started.port, sent)
      return { status, answer: JSON.parse(text) }
    }

    it('the same, with pictures in data: URLs', async () => {
      const { status, answer } = await edit({
        images: [{ image_url: url('one') }, { image_url: url('two') }],
        mask: { image_url: url('hole') },
        n: 2,
        strength: 0.5,
        size: '64x32',
      })
      assert.equal(status, 200)
      assert.equal(answer.data[0].b64_json, Buffer.from(DRAWN).toString('base64'))
      assert.deepEqual(started.node.asked[0]?.body, {
        prompt: 'a',
        width: 64,
        height: 32,
        count: 2,
        strength: 0.5,
        image: picture('one'),
        mask: picture('hole'),
        references: [picture('two')],
      })
    })

    for (const [what, image] of Object.entries({
      'a URL': url('one'),
      'a list of URLs': [url('one')],
      base64: Buffer.from('one').toString('base64'),
      'an object as in conversations': { image_url: { url: url('one') } },
    })) {
      it(`a picture may be ${what}`, async () => {
        assert.equal((await edit({ image })).status, 200)
        assert.deepEqual(started.node.asked[0]?.body, { prompt: 'a', image: picture('one') })
      })
    }

    for (const [what, body, param] of [
      ['a link', { images: [{ image_url: url('one') }, { image_url: 'https://x.example/a.png' }] }, 'images[1]'],
      ['no picture', {}, 'image'],
      ['an empty list', { images: [] }, 'images'],
      ['a file of ours', { images: [{ file_id: 'file-1' }] }, 'images[0]'],
      ['what is no base64', { image: '!' }, 'image[0]'],
      ['seventeen', { images: Array(17).fill({ image_url: url('one') }) }, 'images'],
    ] as const) {
      it(`refuses ${what}`, async () => {
        const { status, answer } = await edit(body)
        assert.deepEqual([status, answer.error.param], [400, param])
        assert.equal(started.node.asked.length, 0)
      })
    }

    it('streams its events', async () => {
      const sent = { prompt: 'a', model: 'tiny', image: url('one'), stream: true }
      const { text } = await send(started.port, { path: '/v1/images/edits', body: sent })
      assert.match(text, /^event: image_edit.completed$/m)
    })
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
