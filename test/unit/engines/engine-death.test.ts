/** The whole way from a server that is gone to a node that says so, with a real adapter and a real socket. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../../../core/run/clock.ts'
import { createEngine } from '../../../engines/engine-kinds.ts'
import { WorkerPool } from '../../../workers/pool/worker-pool.ts'

const REPLIES: Readonly<Record<string, object>> = {
  '/api/version': { version: '0.33.0' },
  '/api/tags': { models: [{ name: 'tiny:latest', digest: 'd', details: {} }] },
  '/api/ps': { models: [] },
  '/api/show': { capabilities: ['completion'], model_info: {} },
}

async function ollamaOn(port: number): Promise<Server> {
  const server = createServer((request, response) => {
    const reply = REPLIES[request.url ?? '']
    response.writeHead(reply === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(reply ?? {}))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

describe('a real engine that goes away', () => {
  it('is down, and up again with its models once it is back', async () => {
    const first = await ollamaOn(0)
    const { port } = first.address() as AddressInfo
    const pool = new WorkerPool({ clock: systemClock }, { probeIntervalMs: 20 })
    await pool.start()
    const worker = await pool.add(createEngine({ kind: 'ollama', url: `http://127.0.0.1:${port}` }), { name: 'rig' })
    const change = (): Promise<void> =>
      new Promise((resolve) => {
        const stop = pool.onChange(() => {
          stop()
          resolve()
        })
      })
    assert.deepEqual([worker.vitals.up, worker.models.all[0]?.name], [true, 'tiny:latest'])

    const down = change()
    first.closeAllConnections()
    first.close()
    await down
    assert.equal(worker.vitals.up, false)
    assert.match(pool.status()[0]?.reason ?? '', /ollama cannot be reached/)

    const up = change()
    const second = await ollamaOn(port)
    await up
    assert.equal(worker.availability('own'), 'free')
    await pool.stop()
    second.closeAllConnections()
    second.close()
  })
})
