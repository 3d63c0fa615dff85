/** Keeps what came of each cell in the file that `scripts/test-clients.mjs` names and prints as a table. */
import { appendFileSync } from 'node:fs'
import type { Feature } from './features.ts'

/** `+` works, `-` fails, `.` the program does not have it, `?` not run here. */
export type Mark = '+' | '-' | '.' | '?'

export interface Cell {
  readonly client: string
  /** As the program tells it, once it runs. */
  readonly version?: string
  readonly feature: Feature | 'all'
  readonly mark: Mark
  /** Why, for all but `+`. */
  readonly note?: string
}

export function noteCell(cell: Cell): void {
  const file = process.env['REALMESH_CLIENT_MATRIX']
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(cell)}\n`)
}
