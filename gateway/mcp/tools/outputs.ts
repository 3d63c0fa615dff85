/** What comes out of the tools. The library holds our own answers against these, and tells them to agents. */
import { z } from 'zod'

/** What every answer tells of who gave it. */
const servedFields = {
  query_id: z.string().describe('By which `realmesh trace` shows its way.'),
  model: z.string().optional(),
  node: z.string().optional().describe('Peer id of the node that answered.'),
}

export const chatOutput = z.object({
  text: z.string(),
  json: z.unknown().optional().describe('The answer as JSON, where a schema was given.'),
  reasoning: z.string().optional().describe('What the model thought before.'),
  finish_reason: z.string().describe('`length`: it was cut at max_tokens.'),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).optional(),
  ...servedFields,
})

export const drawnOutput = z.object({
  images: z.array(z.object({ media_type: z.string(), seed: z.number().optional() })),
  ...servedFields,
})

export const heardOutput = z.object({
  text: z.string(),
  language: z.string().optional(),
  seconds: z.number().optional().describe('How long the recording is.'),
  segments: z
    .array(z.object({ start: z.number(), end: z.number(), text: z.string(), speaker: z.string().optional() }))
    .optional(),
  ...servedFields,
})

export const statusOutput = z.object({
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
