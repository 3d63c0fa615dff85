/**
 * The thinnest HTTP relay that Node can do, run as a process: undici's `dispatch` straight into the response. It reads
 * no body and knows no protocol; everything that a gateway adds is measured against it. Usage: `relay.ts UPSTREAM_URL`.
 */
import '../../core/node20-shim.ts'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'

const pool = new Pool(process.argv[2] ?? '', { connections: 4096, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })

const NOTHING = Buffer.alloc(0)

/** The heads that a client needs, of a list in which names and values take turns. */
function headers(raw: readonly Buffer[]): Record<string, string> {
  const kept: Record<string, string> = {}
  for (let i = 0; i < raw.length; i += 2) {
    const name = String(raw[i]).toLowerCase()
    if (name === 'content-type' || name === 'content-length') kept[name] = String(raw[i + 1])
  }
  return kept
}

function relay(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  let abort: (() => void) | undefined
  let resume = (): void => {}
  response.once('close', () => {
    if (!response.writableFinished) abort?.()
  })
  pool.dispatch(
    {
      path: request.url ?? '/',
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': String(body.length) },
      body,
    },
    {
      // undici's first interface: what it calls the newer one is this one in a wrapper, which costs a tenth of a
      // relayed request.
      onConnect: (stop) => {
        abort = stop
      },
      onHeaders: (status, raw, goOn) => {
        resume = goOn
        response.writeHead(status, headers(raw))
        return true
      },
      onData: (chunk) => {
        if (response.write(chunk)) return true
        response.once('drain', resume)
        return false
      },
      onComplete: () => {
        response.end()
      },
      onError: () => {
        response.destroy()
      },
    },
  )
}

const server = createServer({ keepAliveTimeout: 120_000, requestTimeout: 0 }, (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => relay(request, response, chunks.length > 1 ? Buffer.concat(chunks) : (chunks[0] ?? NOTHING)))
})
server.listen(0, '127.0.0.1', 4096, () => {
  const { port } = server.address() as AddressInfo
  console.log(JSON.stringify({ event: 'ready', http: `http://127.0.0.1:${port}` }))
})
process.on('SIGTERM', () => process.exit(0))
