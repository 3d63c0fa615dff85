import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { SwarmSums } from '../../../../core/swarm-sums.ts'
import { swarmSums } from '../../../../gateway/described/notes/answers.ts'
import { SWARM_PAGE_POLICY } from '../../../../gateway/registry/swarm-page.ts'
import { type StartedGateway, send, startGateway } from '../../../support/started-gateway.ts'

const SUMS: SwarmSums = {
  network: 'main',
  at: 2,
  nodes: 3,
  alive: 2,
  federations: 1,
  slots: 4,
  running: 1,
  realms: [{ name: '$CHAT', nodes: 2, slots: 4 }],
  models: [
    { name: '<img src=x onerror=alert(1)>', nodes: 1, slots: 2 },
    { name: '', nodes: 1, slots: 2 },
  ],
  versions: [{ name: '0.1.0', nodes: 2, slots: 4 }],
  listed: [
    {
      name: '<script>alert(1)</script>',
      contact: '"><a href="javascript:alert(1)">',
      label: 'ours',
      version: '0.1.0',
      share: 'public',
      models: ['tiny'],
      slots: 2,
    },
  ],
  history: [
    { at: 0, nodes: 1, alive: 1, federations: 1, slots: 2, running: 0 },
    { at: 300_000, nodes: 3, alive: 2, federations: 1, slots: 4, running: 1 },
  ],
}

describe('GET /swarm', () => {
  let started: StartedGateway

  before(async () => {
    started = await startGateway({ apiKeys: [{ hash: createHash('sha256').update('nobody has it').digest('hex') }] })
  })

  after(() => started.gateway.stop())

  it('says whose decision it is where it is not told', async () => {
    started.node.sums = undefined
    const { status, text } = await send(started.port, { path: '/swarm' })
    assert.equal(status, 404)
    assert.match(text, /node\.registry\.show true/)
  })

  it('gives programs the sums, without a key', async () => {
    started.node.sums = SUMS
    for (const accept of [undefined, '*/*', 'application/json', 'application/json, text/html']) {
      const { status, headers, text } = await send(started.port, {
        path: '/swarm',
        ...(accept && { headers: { accept } }),
      })
      assert.equal(status, 200)
      assert.match(String(headers['content-type']), /^application\/json/)
      assert.equal(swarmSums.parse(JSON.parse(text)).alive, 2)
    }
  })

  it('gives browsers a page in which nothing of a stranger is anything but text', async () => {
    started.node.sums = SUMS
    const headers = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
    const reply = await send(started.port, { path: '/swarm', headers })
    assert.equal(reply.status, 200)
    assert.match(String(reply.headers['content-type']), /^text\/html/)
    assert.equal(reply.headers['content-security-policy'], SWARM_PAGE_POLICY)
    const tags = [...reply.text.matchAll(/<(\w+)/g)].map(([, tag]) => tag)
    for (const tag of ['script', 'img', 'a', 'link', 'iframe', 'form']) assert.ok(!tags.includes(tag), tag)
    assert.match(reply.text, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/)
    assert.match(reply.text, /<td>not named/)
  })

  it('allows by its policy its own style and nothing else', async () => {
    started.node.sums = SUMS
    const { text } = await send(started.port, { path: '/swarm', headers: { accept: 'text/html' } })
    const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(text) ?? []
    const hash = createHash('sha256').update(style).digest('base64')
    assert.match(SWARM_PAGE_POLICY, /^default-src 'none'; /)
    assert.ok(SWARM_PAGE_POLICY.includes(`style-src 'sha256-${hash}'`))
    assert.doesNotMatch(text, / style="| on\w+="/)
  })
})
