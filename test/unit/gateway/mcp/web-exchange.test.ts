import assert from 'node:assert/strict'
import { linkedAbort } from '../../../../core/run/linked-abort.ts'
import { webRequest } from '../../../../gateway/mcp/web-exchange.ts'

describe('a request as the library of MCP reads it', () => {
  const asked = (localAddress: string): Request => {
    const raw = { socket: { localAddress, localPort: 5000 } }
    const headers = { accept: 'text/event-stream', authorization: 'Bearer key', 'mcp-protocol-version': '2025-06-18' }
    return webRequest({ raw, headers, url: '/mcp?a=b', method: 'POST' } as never, linkedAbort().signal)
  }

  for (const address of ['127.0.0.1', '::1', '::ffff:192.168.1.7', 'fe80::1%eth0']) {
    it(`has a whole address whichever it came to, ${address} too, and no key`, () => {
      const { url, headers } = asked(address)
      const { pathname, search } = new URL(url)
      assert.deepEqual([pathname, search], ['/mcp', '?a=b'])
      assert.deepEqual([...headers.keys()], ['accept', 'mcp-protocol-version'])
    })
  }
})
