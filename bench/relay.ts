/**
 * The thinnest HTTP relay that Node can do, run as a process: undici's `dispatch` straight into the response. It reads no body and
 * knows no protocol; everything that a gateway adds is measured against it. Usage: `relay.ts UPSTREAM_URL`.
 */
import '../core/node20-shim.ts'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Dispatcher, Pool } from 'undici'

const pool = new Pool(process.argv[2] ?? '', { connections: 4096, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })

function relay(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  let upstream: Dispatcher.DispatchController | undefined
  response.once('close', () => {
    if (!response.writableFinished) upstream?.abort(new Error('the client went away'))
  })
  pool.dispatch(
    {
      path: request.url ?? '/',
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': String(body.length) },
      body,
    },
    {
      onRequestStart: (controller) => {
        upstream = controller
      },
      onResponseStart: (_controller, status, headers) => {
        const length = headers['content-length']
        response.writeHead(status, {
          'content-type': String(headers['content-type']),
          ...(length !== undefined && { 'content-length': String(length) }),
        })
      },
      onResponseData: (controller, chunk) => {
        if (response.write(chunk)) return
        controller.pause()
        response.once('drain', () => controller.resume())
      },
      onResponseEnd: () => {
        response.end()
      },
      onResponseError: () => {
        response.destroy()
      },
    },
  )
}

const server = createServer({ keepAliveTimeout: 120_000, requestTimeout: 0 }, (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => relay(request, response, Buffer.concat(chunks)))
})
server.listen(0, '127.0.0.1', 4096, () => {
  const { port } = server.address() as AddressInfo
  console.log(JSON.stringify({ event: 'ready', http: `http://127.0.0.1:${port}` }))
})
process.on('SIGTERM', () => process.exit(0))
