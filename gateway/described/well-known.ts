/**
 * `/.well-known/realmesh.json`: what a program can ask of this gateway, what it never will, and how to enter. What
 * tells of the node itself needs what every question to it needs. Pure.
 */
import type { z } from 'zod'
import type { NodeStatus } from '../../node/api/node-api.ts'
import type { wellKnownSchema } from './notes/answers.ts'
import { noteKey, type RegisteredRoute, type RouteNotes } from './notes/route-note.ts'

/** What programs look for and do not find here, with what to use instead; it will not come. */
const NEVER: Readonly<Record<string, string>> = {
  realtime: 'speech goes by /v1/audio, piece by piece',
  assistants: '/v1/responses keeps what a conversation needs',
  conversations: 'previous_response_id of /v1/responses',
  fine_tuning: 'models are made where they run',
  moderations: 'a model of your choice, asked like others',
  a2a: '/v1/responses with background',
  vector_stores: '/v1/embeddings, and a store of your own',
}

/** Where a key is read: the last one is the subprotocol of a WebSocket. */
const CARRIERS = ['authorization: Bearer', 'x-api-key', 'sec-websocket-protocol: openai-insecure-api-key.KEY']

export type WellKnown = z.infer<typeof wellKnownSchema>

export interface WellKnownInit {
  readonly version: string
  readonly routes: readonly RegisteredRoute[]
  readonly notes: RouteNotes
  readonly keyNeeded: boolean
  readonly tls: boolean
  /** Undefined for a caller who may not ask. */
  readonly status: Pick<NodeStatus, 'peerId' | 'network' | 'realms'> | undefined
}

export function wellKnown({ version, routes, notes, keyNeeded, tls, status }: WellKnownInit): WellKnown {
  return {
    realmesh: { version },
    doors: doorsOf(routes, notes),
    never: NEVER,
    access: { key_needed: keyNeeded, carriers: CARRIERS, tls },
    documents: { openapi: '/openapi.json', page: '/docs' },
    ...(status !== undefined && { node: nodeOf(status) }),
  }
}

/** The operator's paths are nothing to knock at. */
function doorsOf(routes: readonly RegisteredRoute[], notes: RouteNotes): Record<string, string[]> {
  const doors: Record<string, string[]> = {}
  for (const route of routes) {
    const note = notes[noteKey(route)]
    if (note === undefined || note.access === 'admin' || note.refuses !== undefined) continue
    doors[note.family] = [...(doors[note.family] ?? []), noteKey(route)]
  }
  return doors
}

function nodeOf({ peerId, network, realms }: Pick<NodeStatus, 'peerId' | 'network' | 'realms'>): WellKnown['node'] {
  return {
    peer_id: peerId,
    network,
    realms: realms.map(({ name, primaryQueryType: type, workers, peers }) => ({ name, type, workers, peers })),
  }
}
