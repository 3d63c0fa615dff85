/** `swarm_status`: what there is. */
import { z } from 'zod'
import { modelsFor } from '../../fields/named-model.ts'
import { tool } from './tool.ts'

const output = z.object({
  node: z.string().describe('Peer id of this node.'),
  version: z.string(),
  scope: z.string().describe('How far queries go unless they say otherwise: local, home, friends or public.'),
  draining: z.boolean(),
  peers_connected: z.number(),
  queries_running: z.number(),
  realms: z.array(
    z.object({
      name: z.string(),
      type: z.string().describe('The kind of query that it serves.'),
      slots: z.number().describe('Queries that its own workers can run at once.'),
      running: z.number(),
      queued: z.number(),
      peers: z.number().describe('Connected nodes that serve it too.'),
    }),
  ),
  models: z.array(
    z.object({
      name: z.string(),
      types: z.array(z.string()).describe('What it can be asked for: chat, vision, imagine, embed, …'),
      nodes: z.number().describe('How many nodes offer it.'),
      loaded: z.number().describe('On how many of them it is in memory, as far as they tell.'),
      here: z.boolean().describe('Whether this node itself is one of them.'),
    }),
  ),
  warnings: z.array(z.string()),
})

export const swarmStatusTool = tool({
  name: 'swarm_status',
  title: 'State of the swarm',
  description: 'Lists the models that can be asked now, with the realms, queues and peers of this node.',
  input: z.object({}),
  output,
  run: async (_input, { context, request }) => {
    const { peerId, version, scope, draining, peers, queries, realms, warnings } = context.node.status()
    const structured = {
      node: peerId,
      version,
      scope,
      draining,
      peers_connected: peers.connected,
      queries_running: queries.running,
      realms: realms.map(({ name, primaryQueryType: type, slots, running, queued, peers: serving }) => {
        return { name, type, slots, running, queued, peers: serving }
      }),
      models: modelsFor(context, request).map(({ model, nodes, loaded, local }) => {
        return { name: model.name, types: [...model.types], nodes: nodes.length, loaded: loaded.length, here: local }
      }),
      warnings: [...warnings],
    }
    return { content: [{ type: 'text', text: JSON.stringify(structured) }], structured }
  },
})
