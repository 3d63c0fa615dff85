/**
 * The tools as the protocol's library serves them: a server of its own for each request, since nothing is kept. Plain
 * calls are told apart with its help and answered without.
 */
import type { McpServer, ServerContext } from '@modelcontextprotocol/server'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { modelsFor } from '../fields/named-model.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import { PING_EVERY_MS } from '../request/limits.ts'
import { answerCall } from './answer-call.ts'
import { mcpSchema } from './mcp-schema.ts'
import { plainCall } from './plain-call.ts'
import { askTool } from './tools/ask.ts'
import { imagineTool } from './tools/imagine.ts'
import { runTool } from './tools/run-tool.ts'
import { seeTool } from './tools/see.ts'
import { swarmStatusTool } from './tools/swarm-status.ts'
import type { McpTool } from './tools/tool.ts'
import { transcribeTool } from './tools/transcribe.ts'

/** The request and the reply that a message came with. */
export interface McpExchange {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

export interface McpDoor {
  /** Answers a plain call of a tool; undefined for everything else that a body may hold. */
  readonly call: (exchange: McpExchange) => Promise<FastifyReply> | undefined
  /** Answers any message, in the body of `exchange`, of which `asked` is the rest. */
  readonly answer: (asked: Request, exchange: McpExchange) => Promise<Response>
}

const TOOLS: readonly McpTool[] = [askTool, seeTool, imagineTool, transcribeTool, swarmStatusTool]

/** A tool with what is told of its input and output. */
function described(tool: McpTool) {
  return { tool, inputSchema: mcpSchema(tool.input, 'input'), outputSchema: mcpSchema(tool.output, 'output') }
}

type DescribedTool = ReturnType<typeof described>

const BY_NAME: ReadonlyMap<unknown, McpTool> = new Map(TOOLS.map((tool) => [tool.name, tool]))

const INSTRUCTIONS =
  'A swarm of home GPU rigs. swarm_status lists its models; the other tools answer with the best of them unless one is named.'

/** Nobody is told when the list changes: no request stays open for it. */
const MCP_CAPABILITIES = { tools: { listChanged: false } }

type Library = typeof import('@modelcontextprotocol/server')

/** The door in front of the node of `context`. Loads the library, which most nodes never need. */
export async function mcpDoor(context: GatewayContext): Promise<McpDoor> {
  const library = await import('@modelcontextprotocol/server')
  const all = TOOLS.map(described)
  const exchanges = new WeakMap<Request, McpExchange>()
  const handler = library.createMcpHandler(
    ({ requestInfo }) => {
      const exchange = requestInfo && exchanges.get(requestInfo)
      if (exchange === undefined) throw new TypeError('a message came with no request')
      const { request } = exchange
      const tools = isList(request.body) ? servedTools(context, request, all) : all
      return serverFor(library, { context, tools, exchange })
    },
    {
      // A head at once and a comment now and then: a tool may take minutes.
      responseMode: 'sse',
      keepAliveMs: PING_EVERY_MS,
      maxSubscriptions: 0,
      onerror: ({ message }) => context.log.debug({ message }, 'a message of MCP was refused'),
    },
  )
  const server = serverName(context)
  return {
    call: (exchange) => {
      const { headers, body } = exchange.request
      const call = plainCall(library, BY_NAME, headers, body)
      return call && answerCall(call, { context, ...exchange }, server)
    },
    answer: (asked, exchange) => {
      exchanges.set(asked, exchange)
      return handler.fetch(asked, { parsedBody: exchange.request.body })
    },
  }
}

function serverName({ version }: GatewayContext) {
  return { name: 'realmesh', title: 'realmesh', version }
}

function isList(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'method' in body && body.method === 'tools/list'
}

/** Those that a model within reach serves. */
function servedTools(
  context: GatewayContext,
  request: FastifyRequest,
  tools: readonly DescribedTool[],
): readonly DescribedTool[] {
  const served = new Set(modelsFor(context, request).flatMap(({ model }) => model.types))
  return tools.filter(({ tool: { needs } }) => needs === undefined || served.has(needs))
}

interface ServerInit {
  readonly context: GatewayContext
  readonly tools: readonly DescribedTool[]
  readonly exchange: McpExchange
}

function serverFor({ McpServer }: Library, { context, tools, exchange }: ServerInit): McpServer {
  const options = { capabilities: MCP_CAPABILITIES, instructions: INSTRUCTIONS }
  const server = new McpServer(serverName(context), options)
  for (const { tool, ...schemas } of tools) {
    const { name, title, description } = tool
    const told = { title, description, ...schemas, annotations: { readOnlyHint: true, openWorldHint: false } }
    server.registerTool(name, told, (given: unknown, { mcpReq }: ServerContext) =>
      runTool(tool, given, { context, ...exchange, message: mcpReq }),
    )
  }
  return server
}
