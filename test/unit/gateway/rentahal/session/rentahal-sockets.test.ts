import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { Duplex } from 'node:stream'
import {
  MAX_RENTAHAL_SOCKETS,
  MAX_SOCKETS_PER_ADDRESS,
  RentAHalSockets,
} from '../../../../../gateway/rentahal/session/rentahal-sockets.ts'
import { BodyBudget } from '../../../../../gateway/request/body-budget.ts'
import { openDesk } from '../../../../support/response-desk.ts'
import { until } from '../../../../support/until.ts'

/** A connection whose client says nothing. */
function silent(): Duplex {
  return new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() })
}

describe('the sockets of RENT-A-HAL’s clients', () => {
  let sockets: RentAHalSockets
  let opened: Duplex[]
  beforeEach(() => {
    const { context } = openDesk()
    const readJson = async (bytes: Buffer): Promise<unknown> => JSON.parse(bytes.toString())
    sockets = new RentAHalSockets({ context, control: undefined, readJson, budget: new BodyBudget() })
    opened = []
  })
  afterEach(() => {
    sockets.stop()
    for (const connection of opened) connection.destroy()
  })

  const open = (remoteAddress: string): void => {
    const headers = {
      ...{ upgrade: 'websocket', connection: 'upgrade', 'sec-websocket-version': '13' },
      ...{ 'sec-websocket-key': Buffer.alloc(16, 'k').toString('base64'), cookie: `user_guid=user-${opened.length}` },
    }
    const request = { method: 'GET', headers, socket: { remoteAddress } } as unknown as IncomingMessage
    sockets.admit(request)
    const socket = silent()
    opened.push(socket)
    sockets.open({ request, socket, head: Buffer.alloc(0) })
  }

  it('are so many of one other network, which may open another once one has closed', async () => {
    for (let count = 0; count < MAX_SOCKETS_PER_ADDRESS; count += 1) open(`2001:db8::${count.toString(16)}`)
    assert.throws(() => open('2001:db8::ffff'), { code: 'REALM_OVERLOADED' })
    open('192.0.2.1')
    opened[0]?.destroy()
    await until('its place is free', () => {
      try {
        open('2001:db8::1')
        return true
      } catch {
        return false
      }
    })
  })

  it('are so many in all, of this machine too', () => {
    for (let count = 0; count < MAX_RENTAHAL_SOCKETS; count += 1) open('127.0.0.1')
    assert.throws(() => open('127.0.0.1'), { code: 'REALM_OVERLOADED' })
    assert.throws(() => open('192.0.2.1'), { code: 'REALM_OVERLOADED' })
  })
})
