/** Asks the doctor of a running daemon, as the command does. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Diagnosis } from '../../core/model/finding.ts'
import type { Daemon } from './daemon.ts'

/** `peer`: why that one is not reached, or does not serve. @default the whole node */
export async function examined(
  { home, http }: Pick<Daemon, 'home' | 'http'>,
  peer?: string,
  model?: string,
): Promise<Diagnosis> {
  const query = new URLSearchParams({ ...(peer !== undefined && { peer }), ...(model !== undefined && { model }) })
  const token = readFileSync(join(home, 'data', 'admin.token'), 'utf8').trim()
  const reply = await fetch(`${http}/api/doctor?${query}`, { headers: { authorization: `Bearer ${token}` } })
  assert.equal(reply.status, 200)
  return (await reply.json()) as Diagnosis
}
