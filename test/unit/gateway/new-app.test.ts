import assert from 'node:assert/strict'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { connect as connectTls } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import { silentLogger } from '../../../core/logger.ts'
import { newApp, type RequestTimes } from '../../../gateway/new-app.ts'
import { HEADERS_TIMEOUT_MS, REQUEST_TIMEOUT_MS } from '../../../gateway/request/limits.ts'
import { certificateOf } from '../../support/certificates.ts'

const LONG = 60_000
const SLOW_HEAD: RequestTimes = { headMs: 20, wholeMs: LONG, checkedEveryMs: 5 }
const SLOW_BODY: RequestTimes = { headMs: 20, wholeMs: 20, checkedEveryMs: 5 }

for (const scheme of ['http', 'https'] as const) {
  describe(`requests over ${scheme} that come too slowly`, () => {
    let app: FastifyInstance
    let client: Socket
    const certificate = scheme === 'https' ? certificateOf('one') : undefined
    afterEach(async () => {
      client?.destroy()
      await app.close()
    })

    function make(times?: RequestTimes): void {
      app = newApp(
        { log: silentLogger },
        { version: '1', ...(certificate && { certificate }), ...(times && { times }) },
      )
      app.post('/', async () => 'whole')
    }

    /** What is answered to these bytes, behind which nothing comes; it ends with the connection. */
    async function answerTo(sent: string, times: RequestTimes): Promise<string> {
      make(times)
      await app.listen({ host: '127.0.0.1', port: 0 })
      const { port } = app.server.address() as AddressInfo
      client =
        certificate === undefined
          ? connect(port, '127.0.0.1')
          : connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
      client.write(sent)
      return await text(client)
    }

    it('are refused, and their connection ends, in the middle of the head', async () => {
      assert.match(await answerTo('POST / HTTP/1.1\r\nhost: x\r\n', SLOW_HEAD), /^HTTP\/1.1 408 .*within its time/s)
    })

    it('are refused, and their connection ends, in the middle of the body', async () => {
      const head = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n'
      assert.match(await answerTo(`${head}{"a"`, SLOW_BODY), /^HTTP\/1.1 408 .*within its time/s)
    })

    it('have the time that the limits say', () => {
      make()
      assert.deepEqual([app.server.headersTimeout, app.server.requestTimeout], [HEADERS_TIMEOUT_MS, REQUEST_TIMEOUT_MS])
    })
  })
}
