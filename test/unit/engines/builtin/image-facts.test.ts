import assert from 'node:assert/strict'
import { ImageFactsEngine } from '../../../../engines/builtin/image-facts.ts'
import { loadSharp } from '../../../../engines/images/load-sharp.ts'
import { collect, textOf } from '../../../support/collect.ts'
import { chatQuery } from '../../../support/query.ts'

const never = new AbortController().signal

async function picture(): Promise<string> {
  const sharp = await loadSharp()
  const red = { r: 250, g: 10, b: 10 }
  const jpeg = await sharp({ create: { width: 60, height: 30, channels: 3, background: red } })
    .withExif({ IFD0: { Copyright: 'me' } })
    .jpeg()
    .toBuffer()
  return jpeg.toString('base64')
}

describe('builtin/image-facts', () => {
  const engine = new ImageFactsEngine()

  it('tells what can be measured, and that it recognises nothing', async () => {
    const content = [{ type: 'image' as const, mediaType: 'image/jpeg', data: await picture() }]
    const query = chatQuery({
      type: 'vision',
      model: 'builtin/image-facts',
      body: { messages: [{ role: 'user', content }] },
    })
    const text = textOf(await collect(engine.run(query, { signal: never })))
    assert.match(text, /not a vision model/)
    assert.match(text, /60 by 30 pixels, wide, in JPEG/)
    assert.match(text, /dominant colour is #f80808/)
    assert.match(text, /opaque/)
  })

  it('answers a question without an image by saying so', async () => {
    const query = chatQuery({ type: 'vision', model: 'builtin/image-facts' })
    assert.match(textOf(await collect(engine.run(query, { signal: never }))), /without an image/)
  })

  it('refuses what is no picture', async () => {
    const content = [{ type: 'image' as const, mediaType: 'image/png', data: Buffer.from('<svg/>').toString('base64') }]
    const query = chatQuery({
      type: 'vision',
      model: 'builtin/image-facts',
      body: { messages: [{ role: 'user', content }] },
    })
    await assert.rejects(collect(engine.run(query, { signal: never })), { code: 'BAD_REQUEST' })
  })
})
