import assert from 'node:assert/strict'
import type { ImagineBody, ImagineQuery } from '../../../../core/query/query.ts'
import { ProceduralEngine } from '../../../../engines/builtin/procedural.ts'
import { imageTypeOf } from '../../../../engines/images/image-bytes.ts'
import { loadSharp } from '../../../../engines/images/load-sharp.ts'
import { collect } from '../../../support/collect.ts'
import { chatQuery } from '../../../support/query.ts'

const never = new AbortController().signal

function imagine(body: Partial<ImagineBody> = {}): ImagineQuery {
  return { ...chatQuery({ model: 'builtin/procedural' }), type: 'imagine', body: { prompt: 'a rig at dawn', ...body } }
}

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
