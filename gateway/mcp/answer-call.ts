/** Answers a plain call with server-sent events, which have room for what is said of it before its end. */
import type { CallToolResult, Implementation } from '@modelcontextprotocol/server'
import type { FastifyReply } from 'fastify'
import { STREAM_HEADERS } from '../answer/query-headers.ts'
import { StreamWriter } from '../answer/stream-writer.ts'
import type { Era, PlainCall } from './plain-call.ts'
import { type RunToolComponents, runTool } from './tools/run-tool.ts'
import { MCP_PING } from './web-exchange.ts'

const HEADERS = { 'content-type': 'text/event-stream', ...STREAM_HEADERS }

/** Where results of the modern era name the program that made them. */
const SERVER_KEY = 'io.modelcontextprotocol/serverInfo'

/** The same result as each era writes it. */
const RESULTS: Readonly<Record<Era, (result: CallToolResult, server: Implementation) => object>> = {
  modern: (result, server) => {
    return { ...result, resultType: 'complete', _meta: { ...result._meta, [SERVER_KEY]: server } }
  },
  legacy: (result) => result,
}

/** Sends the answer. `server`: by which name this program goes. */
export async function answerCall(
  { era, id, tool, given, meta }: PlainCall,
  components: Omit<RunToolComponents, 'message'>,
  server: Implementation,
): Promise<FastifyReply> {
  const { reply, context } = components
  const writer = new StreamWriter(
    { response: reply.raw, clock: context.clock },
    { headers: () => HEADERS, ping: MCP_PING },
  )
  const notify = async (notification: object): Promise<void> => writer.write(event(notification))
  try {
    const result = await runTool(tool, given, { ...components, message: { _meta: meta, notify } })
    writer.end(event({ id, result: RESULTS[era](result, server) }))
  } finally {
    writer.release()
  }
  return reply.hijack()
}

function event(message: object): string {
  return `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`
}
