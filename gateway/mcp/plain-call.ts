/**
 * Calls of tools as nearly all clients send them. They are answered here: the way of the library for a call costs a
 * third of all that a question costs. Whatever is unlike them goes that way, for it knows what to refuse, and how.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { RequestId } from '@modelcontextprotocol/server'
import { defined } from '../../core/defined.ts'
import type { McpTool } from './tools/tool.ts'

/** How the versions of the protocol write: that of 2026 or those of 2025. */
export type Era = 'modern' | 'legacy'

export interface PlainCall {
  readonly era: Era
  readonly id: RequestId
  readonly tool: McpTool
  /** What the client gives the tool, unchecked. */
  readonly given: unknown
  /** What the message says of itself. */
  readonly meta?: Readonly<Record<string, unknown>>
}

/** What of the library tells calls apart. */
export type CallLibrary = Pick<
  typeof import('@modelcontextprotocol/server'),
  'classifyInboundRequest' | 'SUPPORTED_PROTOCOL_VERSIONS'
>

/** The version of the modern era that is served; the library exports no name for it. */
const MODERN = '2026-07-28'

/** What a client of 2025 must take, whichever of the two it gets. */
const TAKEN = ['application/json', 'text/event-stream'] as const

const METHOD = 'tools/call'

/** A message that the library found to be a request, with the parameters of a call, if they are. */
interface CallMessage {
  readonly id: RequestId
  readonly params?: { readonly name?: unknown; readonly arguments?: unknown; readonly _meta?: PlainCall['meta'] }
}

/** Undefined for what is no plain call of one of the `tools`. */
export function plainCall(
  library: CallLibrary,
  tools: ReadonlyMap<unknown, McpTool>,
  headers: IncomingHttpHeaders,
  body: unknown,
): PlainCall | undefined {
  if (!isCall(body)) return undefined
  const version = one(headers['mcp-protocol-version'])
  const method = one(headers['mcp-method'])
  const name = one(headers['mcp-name'])
  const told = library.classifyInboundRequest({
    httpMethod: 'POST',
    ...defined({ protocolVersionHeader: version, mcpMethodHeader: method, mcpNameHeader: name }),
    body,
  })
  if (told.kind === 'reject') return undefined
  const { id, params = {} } = body as unknown as CallMessage
  const tool = tools.get(params.name)
  // Answers to questions of ours: we ask none, and the library says so.
  if (tool === undefined || 'inputResponses' in params || 'requestState' in params) return undefined
  const call = { id, tool, given: params.arguments ?? {}, ...defined({ meta: params._meta }) }
  if (told.kind === 'modern') {
    const isPlain = told.classification.revision === MODERN && version === MODERN
    return isPlain && method === METHOD && name === tool.name ? { ...call, era: 'modern' } : undefined
  }
  if (told.reason !== 'no-claim') return undefined
  const isServed = version === undefined || library.SUPPORTED_PROTOCOL_VERSIONS.includes(version)
  const accept = headers.accept ?? ''
  return isServed && TAKEN.every((type) => accept.includes(type)) ? { ...call, era: 'legacy' } : undefined
}

function isCall(body: unknown): body is { readonly method: typeof METHOD } {
  return typeof body === 'object' && body !== null && 'method' in body && body.method === METHOD
}

function one(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined
}
