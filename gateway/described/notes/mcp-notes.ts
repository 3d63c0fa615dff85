/** The path of the Model Context Protocol. Its tools describe themselves, in an answer to `tools/list`. */
import { z } from 'zod'
import type { RouteNotes } from './route-note.ts'

const message = z.looseObject({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.int()]).optional(),
  method: z.string(),
  params: z.looseObject({}).optional(),
})

export const MCP_NOTES: RouteNotes = {
  'POST /mcp': {
    ...{ family: 'mcp', access: 'user', asks: true, stream: 'text/event-stream' },
    ...{ summary: 'The swarm as tools of agents', body: message },
  },
}
