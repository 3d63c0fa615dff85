import assert from 'node:assert/strict'
import type { Dispatcher } from 'undici'
import { HttpExchange } from '../../../../engines/http/http-exchange.ts'

/** A connection whose reply the test writes. */
class FakeWire {
  readonly exchange: HttpExchange
  readonly cancel = new AbortController()
  readonly told: string[] = []
  readonly #used: boolean

  constructor({ used = false, maxBytes = 1_000_000 } = {}) {
    this.#used = used
    const wire = {
      dispatch: (_: Dispatcher.DispatchHandler, again: boolean): boolean => {
        this.told.push(again ? 'sent again' : 'sent')
        return this.#used && !again
      },
      release: (whole: boolean): void => void this.told.push(whole ? 'whole' : 'broken'),
    }
    this.exchange = new HttpExchange({ signal: this.cancel.signal, wire }, { engine: 'ollama', maxBytes })
    this.exchange.onRequestStart(this.controller)
  }

  readonly controller = {
    abort: () => void this.told.push('aborted'),
    pause: () => void this.told.push('paused'),
    resume: () => {},
  } as unknown as Dispatcher.DispatchController

  head(status = 200): void {
    this.exchange.onResponseStart(this.controller, status, {})
  }

  data(text: string): void {
    this.exchange.onResponseData(this.controller, Buffer.from(text))
  }

  breaks(code: string): void {
    this.exchange.onResponseError(this.controller, Object.assign(new Error(code), { code }))
  }
}

describe('HttpExchange', () => {
  it('gives all that arrived since the last read in one piece, and then the end', async () => {
    const wire = new FakeWire()
    wire.head()
    wire.data('a')
    wire.data('b')
    assert.equal((await wire.exchange.head()).status, 200)
    assert.equal(String(await wire.exchange.read()), 'ab')
    const next = wire.exchange.read()
    wire.data('c')
    wire.exchange.onResponseEnd()
    assert.equal(String(await next), 'c')
    assert.equal(await wire.exchange.read(), undefined)
    assert.deepEqual(wire.told, ['sent', 'whole'])
  })

  it('stops the socket of a slow reader', async () => {
    const wire = new FakeWire()
    wire.head()
    wire.data('x'.repeat(65_536))
    assert.deepEqual(wire.told, ['sent'])
    wire.data('y')
    assert.deepEqual(wire.told, ['sent', 'paused'])
    assert.equal((await wire.exchange.read())?.length, 65_537)
  })

  it('gives what arrived before the connection broke, and then the failure', async () => {
    const wire = new FakeWire()
    wire.head()
    wire.data('so far')
    wire.breaks('ECONNRESET')
    assert.equal(String(await wire.exchange.read()), 'so far')
    await assert.rejects(wire.exchange.read(), { code: 'ENGINE_FAILED', message: /in the middle/ })
    assert.deepEqual(wire.told, ['sent', 'broken'])
  })

  it('gives nothing more after a cancel, and ends the request', async () => {
    const wire = new FakeWire()
    wire.head()
    wire.data('never seen')
    wire.cancel.abort()
    await assert.rejects(wire.exchange.read(), { code: 'CANCELLED' })
    assert.deepEqual(wire.told, ['sent', 'aborted', 'broken'])
  })

  it('fails for the head too when there will be none', async () => {
    const wire = new FakeWire()
    wire.breaks('ECONNREFUSED')
    await assert.rejects(wire.exchange.head(), { code: 'ENGINE_FAILED', message: /cannot be reached/ })
  })

  it('is sent once more when a kept connection had died, and not a third time', async () => {
    const wire = new FakeWire({ used: true })
    wire.breaks('UND_ERR_SOCKET')
    assert.deepEqual(wire.told, ['sent', 'sent again'])
    wire.breaks('UND_ERR_SOCKET')
    await assert.rejects(wire.exchange.head(), { code: 'ENGINE_FAILED' })
  })

  it('is not sent again behind a word of the reply', async () => {
    const wire = new FakeWire({ used: true })
    wire.head()
    wire.breaks('UND_ERR_SOCKET')
    await assert.rejects(wire.exchange.read(), { code: 'ENGINE_FAILED' })
    assert.deepEqual(wire.told, ['sent', 'broken'])
  })

  it('refuses a reply that is longer than it may be', async () => {
    const wire = new FakeWire({ maxBytes: 3 })
    wire.head()
    wire.data('four')
    await assert.rejects(wire.exchange.read(), { code: 'ENGINE_GARBAGE' })
    assert.deepEqual(wire.told, ['sent', 'aborted', 'broken'])
  })
})
