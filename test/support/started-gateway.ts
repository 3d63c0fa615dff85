import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { silentLogger } from '../../core/logger.ts'
import { createGateway, type Gateway, type GatewayComponents, type GatewayInit } from '../../gateway/gateway.ts'
import { FakeNode } from './fake-node.ts'

export interface StartedGateway {
  readonly gateway: Gateway
  readonly node: FakeNode
  readonly port: number
}

/** A gateway on a free port of loopback in front of a scripted node. The caller stops it. */
export async function startGateway(
  init: Partial<GatewayInit> = {},
  components: Partial<GatewayComponents> = {},
): Promise<StartedGateway> {
  const node = new FakeNode()
  const gateway = createGateway(
    { node, log: silentLogger, ...components },
    { host: '127.0.0.1', port: 0, apiKeys: [], version: '0.0.0-test', drainMs: 30_000, ...init },
  )
  await gateway.start()
  return { gateway, node, port: Number(new URL(gateway.url).port) }
}

export interface Sent {
  readonly method?: string
  readonly path?: string
  readonly headers?: Record<string, string>
  /** An object goes as JSON, a string as it is. */
  readonly body?: unknown
}

export interface Received {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** One request with every header under the test's control, `Host` and `Origin` too. */
export async function send(port: number, sent: Sent): Promise<Received> {
  const response = await open(port, sent)
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return { status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() }
}

/** The same with the body left to the caller, unread. */
export function open(port: number, { method, path, headers, body }: Sent): Promise<IncomingMessage> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const call = request({
      host: '127.0.0.1',
      port,
      method: method ?? (text === undefined ? 'GET' : 'POST'),
      path: path ?? '/v1/chat/completions',
      headers: { ...(text !== undefined && { 'content-type': 'application/json' }), ...headers },
      agent: false,
    })
    call.once('response', resolve).once('error', reject)
    call.end(text)
  })
}

export const HELLO = { model: 'tiny', messages: [{ role: 'user', content: 'hello' }] }
