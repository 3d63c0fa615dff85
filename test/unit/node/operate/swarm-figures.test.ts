import assert from 'node:assert/strict'
import type { Stream } from '@libp2p/interface'
import { MAX_FIGURE_KEYS, SwarmFigures } from '../../../../node/operate/swarm-figures.ts'
import { parseExposition, type Sample } from '../../../support/exposition.ts'

describe('the figures of libp2p', () => {
  let figures: SwarmFigures
  beforeEach(() => {
    figures = new SwarmFigures()
  })

  const read = async (name: string): Promise<readonly Sample[] | undefined> =>
    parseExposition(await figures.text())
      .get(name)
      ?.samples.get(name)

  it('are told as they are counted, set and calculated', async () => {
    const metrics = figures.metrics()
    const gauge = metrics.registerMetric('libp2p_a')
    gauge.update(5)
    gauge.decrement()
    const counter = metrics.registerCounterGroup('libp2p_b_total', { label: 'protocol' })
    counter.increment({ '/x': true, '/y': 2 })
    counter.increment({ '/x': 3 })
    metrics.registerMetricGroup('libp2p_c', { label: 'state-of', calculate: () => ({ open: 7 }) })
    metrics.registerMetric('libp2p_d', { calculate: async () => 9 })
    assert.deepEqual(await read('libp2p_a'), [{ labels: {}, value: 4 }])
    assert.deepEqual(await read('libp2p_b_total'), [
      { labels: { protocol: '/x' }, value: 4 },
      { labels: { protocol: '/y' }, value: 2 },
    ])
    for (let i = 0; i < 2; i += 1) {
      assert.deepEqual(await read('libp2p_c'), [{ labels: { state_of: 'open' }, value: 7 }])
      assert.deepEqual(await read('libp2p_d'), [{ labels: {}, value: 9 }])
    }
  })

  it('tell of the bytes of each part, both ways', async () => {
    const { trackProtocolStream } = figures.metrics()
    const take = (_data: Uint8Array): boolean => true
    const stream = { protocol: '/ipfs/ping/1.0.0', send: take, onData: take }
    trackProtocolStream(stream as unknown as Stream)
    stream.send(new Uint8Array(32))
    stream.onData(new Uint8Array(8))
    assert.deepEqual(await read('realmesh_swarm_bytes_total'), [
      { labels: { part: 'ping', direction: 'sent' }, value: 32 },
      { labels: { part: 'ping', direction: 'received' }, value: 8 },
    ])
  })

  it('have times as histograms and summaries', async () => {
    const metrics = figures.metrics()
    metrics.registerHistogram('libp2p_h').observe(0.2)
    metrics.registerSummaryGroup('libp2p_s', { label: 'to' }).timer('peer')()
    const families = parseExposition(await figures.text())
    assert.deepEqual(families.get('libp2p_h')?.samples.get('libp2p_h_sum'), [{ labels: {}, value: 0.2 }])
    assert.deepEqual(families.get('libp2p_s')?.samples.get('libp2p_s_count'), [{ labels: { to: 'peer' }, value: 1 }])
  })

  it('are one where two parts name the same, and their own in each node', async () => {
    const metrics = figures.metrics()
    metrics.registerCounter('libp2p_e_total').increment()
    metrics.registerCounter('libp2p_e_total').increment(2)
    new SwarmFigures().metrics().registerCounter('libp2p_e_total').increment(100)
    assert.deepEqual(await read('libp2p_e_total'), [{ labels: {}, value: 3 }])
  })

  it('have so many keys at most, and count the others together', async () => {
    const group = figures.metrics().registerCounterGroup('libp2p_f_total')
    const calculated = (): Record<string, number> =>
      Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`peer-${i}`, 1]))
    figures.metrics().registerMetricGroup('libp2p_g', { calculate: calculated })
    for (let i = 0; i < 10_000; i += 1) group.increment({ [`peer-${i}`]: true })
    for (const name of ['libp2p_f_total', 'libp2p_g']) {
      const samples = (await read(name)) ?? []
      assert.equal(samples.length, MAX_FIGURE_KEYS + 1)
      assert.equal(samples.find(({ labels }) => labels['key'] === 'other')?.value, 10_000 - MAX_FIGURE_KEYS)
    }
  })
})
