import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { skip } from '../../../support/skip.ts'
import { type StartedGateway, startGateway } from '../../../support/started-gateway.ts'

const CLIENTS = 1_000
/** States of a connection in Linux's table. */
const [ESTABLISHED, HALF_OPEN] = ['01', '03']

describe('clients that all come at once', () => {
  let started: StartedGateway
  const clients: Socket[] = []

  before(async () => {
    started = await startGateway()
  })

  after(async () => {
    for (const client of clients) client.destroy()
    await started.gateway.stop()
  })

  /** Connections of the port on 127.0.0.1, as the kernel counts them. */
  function connectionsOf(port: number, state: string): number {
    const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
    const lines = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1)
    const fields = lines.map((line) => line.trim().split(/\s+/))
    // By their other ends: the kernel may list one twice where the table changes while it is read.
    return new Set(fields.flatMap(([, own, other, is]) => (own === local && is === state ? [other] : []))).size
  }

  it('are all let in by the kernel before the gateway has looked at one', async function () {
    if (process.platform !== 'linux') skip(this, 'only Linux has a table of connections to look into')
    const { port } = started
    const before = connectionsOf(port, ESTABLISHED) // a program elsewhere may have this port at its own end
    for (let i = 0; i < CLIENTS; i += 1) clients.push(connect(port, '127.0.0.1').on('error', () => {}))
    // Behind the ticks in which they connect, and before the loop turns: nothing is taken from the queue meanwhile.
    await new Promise<void>((resolve) => process.nextTick(resolve))
    assert.deepEqual([connectionsOf(port, ESTABLISHED) - before, connectionsOf(port, HALF_OPEN)], [CLIENTS, 0])
  })
})
