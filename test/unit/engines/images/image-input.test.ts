import assert from 'node:assert/strict'
import { MAX_IMAGES } from '../../../../core/query/chat-text.ts'
import { cleanImage, cleanImages, MAX_EDGE, MAX_INPUT_BYTES } from '../../../../engines/images/image-input.ts'
import { loadSharp } from '../../../../engines/images/load-sharp.ts'
import { chatQuery } from '../../../support/query.ts'

type Format = 'png' | 'jpeg' | 'webp' | 'gif'

async function picture(format: Format, width = 40, height = 20, alpha = 1): Promise<string> {
  const sharp = await loadSharp()
  const image = sharp({ create: { width, height, channels: 4, background: { r: 9, g: 99, b: 199, alpha } } })
  return (
    await image
      .withExif({ IFD3: { GPSLatitude: '52/1 31/1 0/1' } })
      .toFormat(format)
      .toBuffer()
  ).toString('base64')
}

const part = (data: string) => ({ type: 'image' as const, mediaType: 'image/whatever', data })

describe('image input', () => {
  for (const format of ['png', 'jpeg', 'webp', 'gif'] as const) {
    it(`takes ${format} and passes on PNG or JPEG without a trace of where it was taken`, async () => {
      const sharp = await loadSharp()
      const clean = await cleanImage(part(await picture(format)))
      const metadata = await sharp(Buffer.from(clean.data, 'base64')).metadata()
      assert.ok(clean.mediaType === `image/${metadata.format}`, clean.mediaType)
      assert.ok(['png', 'jpeg'].includes(metadata.format ?? ''))
      assert.equal(metadata.exif, undefined)
      assert.deepEqual([metadata.width, metadata.height], [40, 20])
    })
  }

  it('turns a picture upright before it drops the note how it was held', async () => {
    const sharp = await loadSharp()
    const held = await sharp(Buffer.from(await picture('jpeg'), 'base64'))
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()
    const clean = await cleanImage(part(held.toString('base64')))
    const { width, height, orientation } = await sharp(Buffer.from(clean.data, 'base64')).metadata()
    assert.deepEqual([width, height, orientation], [20, 40, undefined])
  })

  it('keeps transparency', async () => {
    const sharp = await loadSharp()
    const clean = await cleanImage(part(await picture('webp', 40, 20, 0.5)))
    assert.equal((await sharp(Buffer.from(clean.data, 'base64')).metadata()).hasAlpha, true)
  })

  it('shrinks what is larger than any model looks at', async () => {
    const sharp = await loadSharp()
    const clean = await cleanImage(part(await picture('png', MAX_EDGE * 2, MAX_EDGE)))
    const { width, height } = await sharp(Buffer.from(clean.data, 'base64')).metadata()
    assert.deepEqual([width, height], [MAX_EDGE, MAX_EDGE / 2])
  })

  it('refuses more pixels than are decoded, whatever the file weighs', async () => {
    const sharp = await loadSharp()
    const bomb = await sharp({ create: { width: 10_000, height: 6_000, channels: 3, background: 'black' } })
      .png()
      .toBuffer()
    await assert.rejects(cleanImage(part(bomb.toString('base64'))), { code: 'PROMPT_TOO_LARGE' })
  })

  it('refuses more bytes than are read', async () => {
    const heavy = Buffer.alloc(MAX_INPUT_BYTES + 1).toString('base64')
    await assert.rejects(cleanImage(part(heavy)), { code: 'PROMPT_TOO_LARGE' })
  })

  it('refuses what is no picture, a drawing that runs code, and a damaged picture', async () => {
    const cut = Buffer.from(await picture('png', 400, 400), 'base64').subarray(0, 120)
    for (const bytes of [Buffer.from('hello'), Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), cut]) {
      await assert.rejects(cleanImage(part(bytes.toString('base64'))), { code: 'BAD_REQUEST' })
    }
  })

  it('leaves a query without pictures untouched', async () => {
    const query = chatQuery()
    assert.equal(await cleanImages(query), query)
  })

  it('cleans every picture of a conversation and keeps the words', async () => {
    const content = [{ type: 'text' as const, text: 'look' }, part(await picture('webp'))]
    const clean = await cleanImages(chatQuery({ body: { messages: [{ role: 'user', content }] } }))
    const parts = clean.body.messages[0]?.content
    assert.ok(Array.isArray(parts))
    assert.deepEqual(parts[0], { type: 'text', text: 'look' })
    assert.notEqual(parts[1].mediaType, 'image/whatever')
  })

  it('refuses more pictures than a query may have', async () => {
    const content = Array.from({ length: MAX_IMAGES + 1 }, () => part(''))
    await assert.rejects(cleanImages(chatQuery({ body: { messages: [{ role: 'user', content }] } })), {
      code: 'PROMPT_TOO_LARGE',
    })
  })
})
