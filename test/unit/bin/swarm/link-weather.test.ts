import assert from 'node:assert/strict'
import { LinkWeather } from '../../../../bin/swarm/net/link-weather.ts'
import { frameRoute, linkMac } from '../../../../bin/swarm/net/vxlan-frame.ts'

const FAIR = { latency_ms: 0, jitter_ms: 0, loss: 0 }

function lostOf(weather: LinkWeather, from: number, to: number, frames: number): readonly number[] {
  return Array.from({ length: frames }, (_, n) => n).filter(() => weather.delay(from, to) === undefined)
}

describe('LinkWeather', () => {
  it('adds the delays of the way and of both links', () => {
    const weather = new LinkWeather(1)
    weather.setAll({ ...FAIR, latency_ms: 10 })
    weather.setLink(1, { ...FAIR, latency_ms: 5 })
    weather.setLink(2, { ...FAIR, latency_ms: 100 })
    assert.equal(weather.delay(1, 2), 115)
    assert.equal(weather.delay(2, 1), 115)
    assert.equal(weather.delay(1, 3), 15)
  })

  it('loses about the share that is said, the same frames with the same seed', () => {
    const lossy = (seed: number): LinkWeather => {
      const weather = new LinkWeather(seed)
      weather.setAll({ ...FAIR, loss: 0.3 })
      return weather
    }
    const lost = lostOf(lossy(7), 1, 2, 10_000)
    assert.ok(Math.abs(lost.length - 3_000) < 200, `${lost.length} of 10,000`)
    assert.deepEqual(lostOf(lossy(7), 1, 2, 10_000), lost)
    assert.notDeepEqual(lostOf(lossy(8), 1, 2, 10_000), lost)
  })

  it('decides on a frame of one way whatever the other ways carry', () => {
    const alone = new LinkWeather(3)
    const busy = new LinkWeather(3)
    for (const weather of [alone, busy]) weather.setAll({ ...FAIR, loss: 0.5 })
    lostOf(busy, 2, 1, 77)
    assert.deepEqual(lostOf(alone, 1, 2, 100), lostOf(busy, 1, 2, 100))
  })

  it('parts groups from each other and nobody else, and heals', () => {
    const weather = new LinkWeather(1)
    weather.part([[1, 2], [3]])
    assert.equal(weather.delay(1, 3), undefined)
    assert.equal(weather.delay(3, 2, true), undefined)
    assert.equal(weather.delay(1, 2), 0)
    assert.equal(weather.delay(4, 3), 0)
    weather.part([])
    assert.equal(weather.delay(1, 3), 0)
  })

  it('neither loses nor delays what is exempt', () => {
    const weather = new LinkWeather(1)
    weather.setAll({ latency_ms: 50, jitter_ms: 0, loss: 1 })
    assert.equal(weather.delay(1, 2, true), 0)
  })
})

/** A VXLAN packet of link `from` with a frame to `address`. */
function packet(from: number, address: string, ethertype = 0x0800): Buffer {
  const bytes = Buffer.alloc(64)
  bytes.writeUIntBE(from, 4, 3)
  Buffer.from(address.replaceAll(':', ''), 'hex').copy(bytes, 8)
  bytes.writeUInt16BE(ethertype, 8 + 12)
  return bytes
}

describe('frameRoute', () => {
  it('sends a frame to the link whose address it bears', () => {
    assert.deepEqual(frameRoute(packet(1, linkMac(300)), [1, 2, 300]), { from: 1, to: [300], isNeighbourTalk: false })
  })

  it('sends address resolution to all others, and no other multicast', () => {
    assert.deepEqual(frameRoute(packet(2, 'ff:ff:ff:ff:ff:ff', 0x0806), [1, 2, 3])?.to, [1, 3])
    assert.equal(frameRoute(packet(2, '01:00:5e:00:00:fb'), [1, 2, 3]), undefined)
  })

  it('drops what is too short, and what is for nobody', () => {
    assert.equal(frameRoute(Buffer.alloc(12), [1]), undefined)
    assert.deepEqual(frameRoute(packet(1, linkMac(9)), [1, 2])?.to, [])
  })
})
