/** The tools as the protocol's library serves them: a server of its own for each request, since nothing is kept. */
import type { McpServer, ServerContext } from '@modelcontextprotocol/server'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { modelsFor } from '../fields/named-model.ts'
import type { GatewayContext } from '../request/gateway-context.ts'
import { PING_EVERY_MS } from '../request/limits.ts'
import { mcpSchema } from './mcp-schema.ts'
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
  /** Answers the message in the body of `exchange`, of which `asked` is the rest. */
  readonly answer: (asked: Request, exchange: McpExchange) => Promise<Response>
}

const TOOLS: readonly McpTool[] = [askTool, seeTool, imagineTool, transcribeTool, swarmStatusTool]

/** A tool with what is told of its input and output. */
function described(tool: McpTool) {
  return { tool, inputSchema: mcpSchema(tool.input, 'input'), outputSchema: mcpSchema(tool.output, 'output') }
}

type DescribedTool = ReturnType<typeof described>

const INSTRUCTIONS =
  'A swarm of home GPU rigs. swarm_status lists its models; the other tools answer with the best of them unless one is named.'

/** Nobody is told when the list changes: no request stays open for it. */
const MCP_CAPABILITIES = { tools: { listChanged: false } }

type Library = typeof import('@modelcontextprotocol/server')

/** The door in front of the node of `context`. Loads the library, which most nodes never need. */
export async function mcpDoor(context: GatewayContext): Promise<McpDoor> {
  const library = await import('@modelcontextprotocol/server')
  const tools = TOOLS.map(described)
  const exchanges = new WeakMap<Request, McpExchange>()
  const handler = library.createMcpHandler(
    ({ requestInfo }) => {
      const exchange = requestInfo && exchanges.get(requestInfo)
      if (exchange === undefined) throw new TypeError('a message came with no request')
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
  return {
    answer: (asked, exchange) => {
      exchanges.set(asked, exchange)
      return handler.fetch(asked, { parsedBody: exchange.request.body })
    },
  }
}

interface ServerInit {
  readonly context: GatewayContext
  readonly tools: readonly DescribedTool[]
  readonly exchange: McpExchange
}

function serverFor({ McpServer }: Library, { context, tools, exchange }: ServerInit): McpServer {
  const server = new McpServer(
    { name: 'realmesh', title: 'realmesh', version: context.version },
    { capabilities: MCP_CAPABILITIES, instructions: INSTRUCTIONS },
  )
  const served = new Set(modelsFor(context, exchange.request).flatMap(({ model }) => model.types))
  for (const { tool, ...schemas } of tools) {
    if (tool.needs !== undefined && !served.has(tool.needs)) continue
    const { name, title, description } = tool
    server.registerTool(
      name,
      {
        title,
        description,
        ...schemas,
        annotations: { readOnlyHint: true, openWorldHint: false },
      },
      (given: unknown, { mcpReq }: ServerContext) => runTool(tool, given, { context, ...exchange, message: mcpReq }),
    )
  }
  return server
}
