/** The notes of every route. */

import { ADMIN_NOTES } from './admin-notes.ts'
import { ANTHROPIC_NOTES } from './anthropic-notes.ts'
import { AUDIO_NOTES } from './audio-notes.ts'
import { MCP_NOTES } from './mcp-notes.ts'
import { OLLAMA_NOTES } from './ollama-notes.ts'
import { OPENAI_NOTES } from './openai-notes.ts'
import { PLAIN_NOTES } from './plain-notes.ts'
import { REALMESH_NOTES } from './realmesh-notes.ts'
import { FEDERATION_NOTES, RENTAHAL_NOTES } from './rentahal-notes.ts'
import type { RouteNotes } from './route-note.ts'

export const ROUTE_NOTES: RouteNotes = {
  ...OPENAI_NOTES,
  ...PLAIN_NOTES,
  ...AUDIO_NOTES,
  ...ANTHROPIC_NOTES,
  ...OLLAMA_NOTES,
  ...RENTAHAL_NOTES,
  ...MCP_NOTES,
  ...FEDERATION_NOTES,
  ...REALMESH_NOTES,
  ...ADMIN_NOTES,
}
