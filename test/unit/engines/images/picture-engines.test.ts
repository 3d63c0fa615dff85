import assert from 'node:assert/strict'
import type { ImagineBody, ImagineQuery } from '../../../../core/query/query.ts'
import { ImageFactsEngine } from '../../../../engines/builtin/image-facts.ts'
import { ProceduralEngine } from '../../../../engines/builtin/procedural.ts'
import { imageTypeOf } from '../../../../engines/images/image-bytes.ts'
import { loadSharp } from '../../../../engines/images/load-sharp.ts'
import { collect, textOf } from '../../../support/collect.ts'
import { chatQuery } from '../../../support/query.ts'

const never = new AbortController().signal

function imagine(body: Partial<ImagineBody> = {}): ImagineQuery {
  return { ...chatQuery({ model: 'builtin/procedural' }), type: 'imagine', body: { prompt: 'a rig at dawn', ...body } }
}

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

describe('builtin/procedural', () => {
  const engine = new ProceduralEngine()

  async function draw(body: Partial<ImagineBody> = {}): Promise<readonly Buffer[]> {
    const events = await collect(engine.run(imagine(body), { signal: never }))
    return events.flatMap((event) => (event.kind === 'image' ? Buffer.from(event.data) : []))
  }

  it('draws a PNG of the size that was asked for, with growing progress', async () => {
    const events = await collect(engine.run(imagine({ width: 96, height: 64, steps: 3 }), { signal: never }))
    const fractions = events.flatMap((event) => (event.kind === 'progress' ? event.fraction : []))
    assert.deepEqual(fractions, [1 / 3, 2 / 3, 1])
    const image = events.find((event) => event.kind === 'image')
    assert.equal(imageTypeOf(image?.data ?? new Uint8Array()), 'image/png')
    const sharp = await loadSharp()
    const { width, height } = await sharp(image?.data).metadata()
    assert.deepEqual([width, height], [96, 64])
  })

  it('draws the same for the same prompt and seed, and something else for another', async () => {
    const [[first], [again], [seed], [prompt]] = await Promise.all([
      draw({ seed: 1 }),
      draw({ seed: 1 }),
      draw({ seed: 2 }),
      draw({ prompt: 'x', seed: 1 }),
    ])
    assert.deepEqual(first, again)
    assert.notDeepEqual(first, seed)
    assert.notDeepEqual(first, prompt)
  })

  it('draws several, each of its own seed', async () => {
    const [first, second] = await draw({ seed: 1, count: 2, width: 64, height: 64 })
    const [alone] = await draw({ seed: 2, width: 64, height: 64 })
    assert.notDeepEqual(first, second)
    assert.deepEqual(second, alone)
  })

  it('stops when cancelled', async () => {
    const cancel = new AbortController()
    const seen: string[] = []
    await assert.rejects(
      async () => {
        for await (const event of engine.run(imagine(), { signal: cancel.signal })) {
          seen.push(event.kind)
          cancel.abort()
        }
      },
      { code: 'CANCELLED' },
    )
    assert.deepEqual(seen, ['progress'])
  })

  it('refuses a size that would fill the memory', async () => {
    await assert.rejects(draw({ width: 100_000 }), { code: 'BAD_REQUEST' })
  })
})
