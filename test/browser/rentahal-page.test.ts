/**
 * A page that sends every message of RENT-A-HAL's socket, in a real browser at a real daemon. The page holds itself to
 * the protocol: what breaks it is a fault. It was written to the interface and tried at the original back end first.
 */
import assert from 'node:assert/strict'
import { randomFillSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { loadSharp } from '../../engines/images/load-sharp.ts'
import { CHROMIUM, openBrowser } from '../support/browser/chromium.ts'
import { type EveryMessagePage, Person } from '../support/browser/every-message-page.ts'
import { type Daemon, DaemonHarness } from '../support/daemon.ts'
import { SAID } from '../support/engines/sound-stubs.ts'
import { startStub } from '../support/engines/stub-kinds.ts'
import { clientGone, StubServer, sendJson } from '../support/engines/stub-server.ts'
import { ROOT } from '../support/markdown.ts'
import { leftOut } from '../support/skip.ts'

/** Of a picture without a pattern: more than four slices of base64. */
const PICTURE_SIDE = 1_100

/** A stock worker that says what it was asked; to the word `wait` it says nothing until its client has gone. */
function echoWorker(): StubServer {
  return new StubServer({
    'GET /health': (_request, response) => sendJson(response, 200, { status: 'healthy' }),
    'POST /predict/': async ({ body }, response) => {
      const prompt = String(body['prompt'])
      if (prompt === 'wait') await clientGone(response)
      else sendJson(response, 200, { response: `echo: ${prompt}` })
    },
  })
}

if (CHROMIUM === undefined) {
  leftOut('a page of every message', 'Chromium is not installed (REALMESH_CHROMIUM names its program)')
} else {
  describe('a page of every message', () => {
    const harness = new DaemonHarness()
    const stubs: StubServer[] = []
    let browser: Browser
    let daemon: Daemon
    let spare: StubServer
    let ann: Person
    let sysop: EveryMessagePage

    before(async () => {
      const [chat, draws, hears, speaks] = await Promise.all([
        echoWorker().start(),
        startStub('automatic1111'),
        startStub('speaches'),
        startStub('piper'),
      ])
      spare = await echoWorker().start()
      stubs.push(chat, draws, hears, speaks, spare)
      const home = harness.home()
      const workers = [
        { name: 'talks', engine: 'rentahal', url: chat.url },
        { name: 'sees', engine: 'rentahal-vision', url: chat.url.replace('127.0.0.1', 'localhost') },
        { name: 'draws', engine: 'automatic1111', url: draws.url },
        { name: 'hears', engine: 'speaches', url: hears.url },
        { name: 'speaks', engine: 'piper', url: speaks.url },
      ]
      const page = join(ROOT, 'test', 'fixtures', 'rentahal-page')
      const file = { user_data: { reserve: 0, history: true }, workers, node: { rentahal: { page, root: true } } }
      await writeFile(join(home, 'realms.yml'), JSON.stringify(file))
      daemon = await harness.up(['--no-builtin'], { home })
      browser = await openBrowser(CHROMIUM ?? '')
      ann = await Person.arrive(browser, `${daemon.http}/`)
      sysop = await ann.tab()
    })

    after(async () => {
      await browser?.close()
      await harness.close()
      await Promise.all(stubs.map((stub) => stub.stop()))
    })

    afterEach(() => sysop.assertUnbroken())

    it('asks, reads the answer as text and not as markup, and finds the query again', async () => {
      assert.equal(await sysop.text('#sysop'), 'sysop')
      await sysop.ask({ prompt: 'hello <b>there</b>' })
      await sysop.until('#results li.text', /<b>there<\/b>/)
      await sysop.press('again')
      await sysop.until('#previous li', /chat hello <b>there<\/b>/)
    })

    it('sees a picture that the browser can show', async () => {
      await sysop.ask({ prompt: 'a cat', kind: 'imagine' })
      await sysop.until('#results li.image', /^$/)
      await sysop.shown('#results li.image img')
    })

    it('sends a large picture in pieces, the last first', async () => {
      const raw = randomFillSync(Buffer.alloc(PICTURE_SIDE * PICTURE_SIDE * 3))
      const sharp = await loadSharp()
      const of = { width: PICTURE_SIDE, height: PICTURE_SIDE, channels: 3 } as const
      const buffer = await sharp(raw, { raw: of }).png({ compressionLevel: 0 }).toBuffer()
      await sysop.ask({
        prompt: 'what is it',
        kind: 'vision',
        inPieces: true,
        file: { name: 'noise.png', mimeType: 'image/png', buffer },
      })
      await sysop.until('#results li.text', /what is it/)
      const seen = await sysop.seen()
      assert.equal(seen.filter((type) => type === 'vision_chunk_received').length, 4)
      assert.equal(seen.filter((type) => type === 'vision_upload_complete').length, 1)
    })

    it('hears, and speaks', async () => {
      await sysop.hear({ name: 'a.webm', mimeType: 'audio/webm', buffer: Buffer.from('sound') })
      await sysop.untilPrompt(SAID)
      await sysop.send('speak', { text: 'good evening' })
      await sysop.until('#results li.spoken', /^$/)
    })

    it('has two tabs of one user, of which both are told', async () => {
      const second = await ann.tab()
      await sysop.send('announce', { message: 'the rig is dusty' })
      await second.until('#told li', /the rig is dusty/)
      await second.send('rename', { nickname: 'ann' })
      await second.until('#nickname', /^ann$/)
      await second.assertUnbroken()
    })

    it('adds a worker and takes it out again', async () => {
      await sysop.send('worker-add', { name: 'spare', address: new URL(spare.url).host, type: 'chat' })
      await sysop.until('#workers li', /spare/)
      await sysop.send('worker-remove', { worker_name: 'spare' })
      await sysop.untilGone('#workers li', /spare/)
    })

    it('is told that a list of models without engines is none', async () => {
      await sysop.send('model-add', { name: 'gpt2', type: 'chat' })
      await sysop.until('#told li', /error: the models listed here/)
      await sysop.send('model-remove', { model_name: 'gpt2' })
    })

    it('terminates and bans another, who hears of it and has no way back until the ban is lifted', async () => {
      const bob = await Person.arrive(browser, `${daemon.http}/`)
      const tab = await bob.tab()
      assert.equal(await tab.text('#sysop'), 'user')
      await tab.send('rename', { nickname: 'bob' })
      await tab.until('#nickname', /^bob$/)
      await sysop.press('stats')
      const row = await sysop.until('#users li', /^bob /)
      const handle = (await row.textContent())?.split(' ')[1] ?? ''
      assert.notEqual(handle, await bob.guid())
      await tab.ask({ prompt: 'wait' })
      await tab.until('#depth', /^1$/)
      await sysop.send('user-act', { user_guid: handle }, 'Terminate')
      await tab.until('#told li', /error: Query terminated/)
      await sysop.send('user-act', { user_guid: handle }, 'Ban')
      await tab.until('#told li', /You are banned/)
      await tab.until('#status', /^closed$/)
      await sysop.until('#users li', /^bob .*banned$/)
      await sysop.send('user-act', { user_guid: handle }, 'Unban')
      await sysop.until('#users li', /^bob .*free$/)
      const again = await bob.tab()
      assert.equal(await again.text('#nickname'), 'bob')
      await again.assertUnbroken()
    })
  })
}
