import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { hashKey } from '../../../../../gateway/door/credentials.ts'
import { FOREIGN_PAGE_POLICY } from '../../../../../gateway/rentahal/page/page-routes.ts'
import { type TestPage, testPage } from '../../../../support/page.ts'
import { type Received, type StartedGateway, send, startGateway } from '../../../../support/started-gateway.ts'

describe('a page for browsers', () => {
  let page: TestPage
  let started: StartedGateway
  before(async () => {
    page = await testPage()
    const apiKeys = [{ hash: hashKey('sk-key') }]
    started = await startGateway({ apiKeys, page: { folder: page.folder, root: true } })
  })
  after(async () => {
    await started.gateway.stop()
    await page.remove()
  })

  const get = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Received> =>
    send(started.port, { path, method, headers })

  it('is at its address, with what it consists of, without a key', async () => {
    const html = await get('/rentahal/')
    assert.deepEqual([html.status, html.headers['content-type']], [200, 'text/html; charset=utf-8'])
    assert.match(html.text, /a page/)
    assert.equal(html.headers['content-security-policy'], FOREIGN_PAGE_POLICY)
    assert.equal(html.headers['x-content-type-options'], 'nosniff')
    const script = await get('/rentahal/app.js?v=1')
    assert.deepEqual(
      [script.text, script.headers['content-type']],
      ['export const where = "page"', 'text/javascript; charset=utf-8'],
    )
    assert.equal((await get('/rentahal/a%20b.txt')).text, 'a blank')
    assert.equal((await get('/rentahal/static/deep/')).text, 'deep')
    assert.equal((await get('/rentahal/within.js')).status, 200)
  })

  it('is sent to its slash, behind which its own addresses lead into its folder', async () => {
    const { status, headers } = await get('/rentahal')
    assert.deepEqual([status, headers.location], [308, '/rentahal/'])
  })

  it('has its scripts where RENT-A-HAL has them', async () => {
    assert.equal((await get('/static/main.js')).text, 'export const where = "static"')
    assert.equal((await get('/static/app.js')).text, 'export const where = "page"')
    const gone = await get('/static/gone.js')
    assert.deepEqual([gone.status, gone.text], [404, '{"detail":"File not found"}'])
  })

  it('is at / for browsers, while programs read what they always do', async () => {
    const browser = await get('/', { accept: 'text/html,application/xhtml+xml' })
    assert.match(browser.text, /a page/)
    assert.equal(browser.headers.vary, 'accept')
    assert.equal((await get('/')).text, 'Ollama is running')
    assert.equal((await get('/', { accept: 'application/json' })).text, 'Ollama is running')
    const head = await get('/', {}, 'HEAD')
    assert.deepEqual([head.status, head.text], [200, ''])
  })

  it('is not sent again to a browser that has it, and in part where it wants a part', async () => {
    const { headers } = await get('/rentahal/app.js')
    const again = await get('/rentahal/app.js', { 'if-none-match': String(headers.etag) })
    assert.deepEqual([again.status, again.text], [304, ''])
    const part = await get('/rentahal/app.js', { range: 'bytes=0-5' })
    assert.deepEqual([part.status, part.text], [206, 'export'])
    assert.equal((await get('/rentahal/app.js', { range: 'bytes=9999-' })).status, 416)
    const head = await get('/rentahal/app.js', {}, 'HEAD')
    assert.deepEqual([head.status, head.text, head.headers['content-length']], [200, '', '27'])
  })

  const OUTSIDE = [
    ...['..%2fneighbour.txt', '%2e%2e/neighbour.txt', '%2e%2e%2fneighbour.txt', '..%5cneighbour.txt'],
    ...['%252e%252e%252fneighbour.txt', '..%252fneighbour.txt', '../neighbour.txt', 'static/../../neighbour.txt'],
    ...['out.txt', 'up/neighbour.txt', 'up/page/app.js/../../neighbour.txt', 'circle', '.env', '%2eenv', '.git/config'],
    ...['static', 'static/deep', 'app.js/', 'app.js%00.html', 'gone.html', '%2fetc/passwd', '/etc/passwd', '.', '..'],
    'x'.repeat(300),
  ]
  for (const way of OUTSIDE) {
    it(`shows nothing at ${way.slice(0, 40)}`, async () => {
      for (const at of ['/rentahal/', '/static/']) {
        // The path as it stands: clients of HTTP would take dots out of it.
        const { head, body } = await raw(`${at}${way}`)
        assert.match(head, /^HTTP\/1.1 (?:404|400) /, way)
        assert.doesNotMatch(body, /SECRET|root:/)
      }
    })
  }

  async function raw(path: string): Promise<{ readonly head: string; readonly body: string }> {
    const socket = connect(started.port, '127.0.0.1')
    socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`)
    const [head = '', ...body] = (await text(socket)).split('\r\n\r\n')
    return { head, body: body.join('') }
  }

  it('refuses what a foreign page asks, as every path does', async () => {
    assert.equal((await get('/rentahal/', { origin: 'https://evil.example' })).status, 403)
    assert.equal((await get('/rentahal/', { host: 'evil.example' })).status, 403)
  })
})

describe('a gateway without a page', () => {
  it('has none of its paths', async () => {
    const started = await startGateway()
    try {
      for (const path of ['/rentahal', '/rentahal/', '/static/x.js']) {
        assert.equal((await send(started.port, { path, method: 'GET' })).status, 404)
      }
      const { text: told } = await send(started.port, { path: '/', method: 'GET', headers: { accept: 'text/html' } })
      assert.match(told, /^realmesh is running/)
    } finally {
      await started.gateway.stop()
    }
  })
})
