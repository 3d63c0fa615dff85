/** realmesh's own paths, the operator's apart. */

import { health, swarmSums, wellKnownSchema } from './answers.ts'
import type { RouteNotes } from './route-note.ts'

const own = { family: 'realmesh', access: 'user' } as const
const open = { family: 'realmesh', access: 'open' } as const

export const REALMESH_NOTES: RouteNotes = {
  'GET /health': { ...open, summary: 'Whether queries may be sent here', answer: health },
  'GET /swarm': {
    ...open,
    summary: 'How large the swarm is, where the owner wants it told; a page where `accept` names HTML first',
    answer: swarmSums,
  },
  'GET /metrics': { ...own, summary: "The node's state as Prometheus reads it", answerType: 'text/plain' },
  'GET /api/status': { ...own, summary: "The node's state" },
  'GET /api/peers': { ...own, summary: 'Nodes that it knows' },
  'GET /api/models': { ...own, summary: 'Models, and the nodes that have them' },
  'GET /api/queries/:id': { ...own, summary: 'The receipt of one of your queries' },
  'GET /openapi.json': { ...open, summary: 'This document' },
  'GET /docs': { ...open, summary: 'This document as a page', answerType: 'text/html' },
  'GET /.well-known/realmesh.json': {
    ...open,
    summary: 'What there is and what never will be',
    answer: wellKnownSchema,
  },
}
