/** What every line of an answer says of where it comes from, and the two shapes in which lines hold text. */
import type { StartEvent } from '../../../core/query/query-event.ts'

/** Chat and generate differ in where the text stands. */
export type AnswerKind = 'chat' | 'generate'

/**
 * Who answers: the model by its exact name, and, as Ollama tells it of models that it does not compute itself, the node
 * that does: its peer id. `own`: this node's.
 */
export function lineHead(modelAsked: string, by: StartEvent | undefined, own: string): object {
  const model = by?.model ?? modelAsked
  return by === undefined || by.node === own ? { model } : { model, remote_model: by.model, remote_host: by.node }
}

interface TextShape {
  /** Stands before the text, as JSON. */
  readonly before: string
  /** Stands behind all that belongs to the text. */
  readonly after: string
}

export const TEXT_SHAPES: Readonly<Record<AnswerKind, TextShape>> = {
  chat: { before: '"message":{"role":"assistant","content":', after: '}' },
  generate: { before: '"response":', after: '' },
}
