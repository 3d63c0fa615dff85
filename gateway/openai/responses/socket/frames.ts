/** The events of a response as frames of a WebSocket: what stands in `data:` lines, each for itself. */
import type { HttpProblem } from '../../../request/errors.ts'
import { spoken } from '../../../request/errors.ts'

const DATA = '\ndata: '

/** The JSON of each event in a piece of a stream of ours; comments and the mark of its end are left out. */
export function framesOf(piece: string): readonly string[] {
  return piece.split('\n\n').flatMap((event) => {
    const at = event.indexOf(DATA)
    return event.startsWith('event: ') && at > 0 ? [event.slice(at + DATA.length)] : []
  })
}

/** A turn that failed before its first event. */
export function problemFrame(problem: HttpProblem): string {
  const { status, type, code, param = null } = problem
  return JSON.stringify({ type: 'error', status, error: { type, code, message: spoken(problem), param } })
}
