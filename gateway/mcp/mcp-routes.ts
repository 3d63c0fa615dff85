/** `POST /mcp`. */
import type { FastifyInstance } from 'fastify'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { clientSignal } from '../answer/client-signal.ts'
import { requireKey } from '../door/door.ts'
import { handleErrors } from '../request/error-handler.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import { mcpErrorBody } from './mcp-error.ts'
import { type McpDoor, mcpDoor } from './mcp-server.ts'
import { sendWebResponse, webRequest } from './web-exchange.ts'

/** Registers the path on `app`, whose prefix is `/mcp`. */
export function mcpRoutes(app: FastifyInstance, context: GatewayContext): void {
  handleErrors(app, context.log, mcpErrorBody)
  requireKey(app, context.keys)
  let door: Promise<McpDoor> | undefined
  app.post('', async (request, reply) => {
    assertSingle(request.body)
    // With the first request: no start waits for it.
    door ??= mcpDoor(context)
    const { call, answer } = await door
    const exchange = { request, reply }
    const called = call(exchange)
    if (called !== undefined) return await called
    const asked = webRequest(request, clientSignal(reply.raw, context.clock))
    return await sendWebResponse(reply, await answer(asked, exchange), context.clock)
  })
}

/** One message a request, as all versions of the protocol have it but one. Throws `BAD_REQUEST`. */
function assertSingle(body: unknown): void {
  if (!Array.isArray(body)) return
  throw new RealmeshError('BAD_REQUEST', 'several messages in one request are not taken', {
    fix: 'send each in a request of its own',
  })
}
