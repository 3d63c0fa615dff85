/** `swarm_status`: what there is. */
import { z } from 'zod'
import { modelsFor } from '../../fields/named-model.ts'
import { statusOutput } from './outputs.ts'
import { tool } from './tool.ts'

export const swarmStatusTool = tool({
  name: 'swarm_status',
  title: 'State of the swarm',
  description: 'Lists the models that can be asked now, with the realms, queues and peers of this node.',
  input: z.object({}),
  output: statusOutput,
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
