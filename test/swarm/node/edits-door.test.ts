/** A picture at the door of a node that has no engine: its peer draws on it, and sees nothing but the pixels. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toFile } from 'openai'
import { loadSharp } from '../../../engines/images/load-sharp.ts'
import { type PeerDoor, startPeerDoor } from '../../support/peer-door.ts'
import { photo } from '../../support/picture.ts'
import { simulatedEngine, simulatedModel } from '../../support/simulated-engine.ts'

describe('pictures to be drawn on through a peer', () => {
  const plain = simulatedModel('plain', ['imagine'])
  const able = simulatedModel('able', ['imagine'])
  const several = simulatedModel('several', ['imagine'])
  const engine = simulatedEngine([
    { ...able, capabilities: { ...able.capabilities, edits: true } },
    { ...several, capabilities: { ...several.capabilities, edits: true, references: true } },
    plain,
  ])
  let folder: string
  let door: PeerDoor

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'realmesh-edits-'))
    door = await startPeerDoor(folder, engine)
  })
  after(async () => {
    await door.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const picture = async () => toFile(Buffer.from((await photo()).data, 'base64'), 'a.jpg', { type: 'image/jpeg' })

  async function hole(alpha: number | undefined) {
    const sharp = await loadSharp()
    const background = { r: 0, g: 0, b: 0, ...(alpha !== undefined && { alpha }) }
    const channels = alpha === undefined ? 3 : 4
    const bytes = await sharp({ create: { width: 12, height: 6, channels, background } })
      .png()
      .toBuffer()
    return await toFile(bytes, 'mask.png', { type: 'image/png' })
  }

  it('the peer draws, and the picture and the mask arrive clean', async () => {
    const asked = { model: 'able', prompt: 'a hat', image: await picture(), mask: await hole(0) }
    const { data, response } = await door.client.images.edit(asked).withResponse()
    assert.equal(data.data?.length, 1)
    assert.equal(response.headers.get('x-realmesh-node'), door.pair.rig.peerId)
    const query = engine.runs.at(-1)?.query
    assert.ok(query?.type === 'imagine' && query.body.image !== undefined && query.body.mask !== undefined)
    const sharp = await loadSharp()
    const seen = await sharp(Buffer.from(query.body.image.data)).metadata()
    assert.deepEqual([seen.format, seen.width, seen.height, seen.exif], ['jpeg', 12, 6, undefined])
    const mask = await sharp(Buffer.from(query.body.mask.data)).metadata()
    assert.deepEqual([mask.format, mask.hasAlpha], ['png', true])
  })

  it('several pictures go to a model that looks at them, clean and in their order', async () => {
    const two = { prompt: 'a hat', image: [await picture(), await hole(0)] }
    await assert.rejects(door.client.images.edit({ model: 'able', ...two }), { message: /looks at no others/ })
    const { response } = await door.client.images.edit({ model: 'several', ...two }).withResponse()
    assert.equal(response.headers.get('x-realmesh-node'), door.pair.rig.peerId)
    const query = engine.runs.at(-1)?.query
    assert.ok(query?.type === 'imagine' && query.body.mask === undefined)
    const { image, references = [] } = query.body
    assert.deepEqual([image?.mediaType, ...references.map(({ mediaType }) => mediaType)], ['image/jpeg', 'image/png'])
  })

  it('a model that draws from a prompt alone is not asked', async () => {
    const runs = engine.runs.length
    const refused = door.client.images.edit({ model: 'plain', prompt: 'a hat', image: await picture() })
    await assert.rejects(refused, { message: /not from a picture \(edits\)/ })
    assert.equal(engine.runs.length, runs)
  })

  it('what is no picture, and a mask without transparency, go nowhere', async () => {
    const runs = engine.runs.length
    const text = await toFile(Buffer.from('<svg/>'), 'a.png', { type: 'image/png' })
    await assert.rejects(door.client.images.edit({ model: 'able', prompt: 'a', image: text }), { status: 400 })
    const mask = await hole(undefined)
    const opaque = door.client.images.edit({ model: 'able', prompt: 'a', image: await picture(), mask })
    await assert.rejects(opaque, { status: 400, message: /no transparency/ })
    assert.equal(engine.runs.length, runs)
  })
})
