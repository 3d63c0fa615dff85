/** Runs one load to its end, in a process of its own. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { benchFile } from '../targets/spawned.ts'
import type { LoadPlan, LoadResult } from './load-plan.ts'

const exec = promisify(execFile)

/** Throws when the load process fails, not when requests do: those are counted. */
export async function runLoad(plan: LoadPlan): Promise<LoadResult> {
  const { stdout } = await exec(process.execPath, [...benchFile('load/load'), JSON.stringify(plan)])
  return JSON.parse(stdout)
}
