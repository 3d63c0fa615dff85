/** The version of this package, and the command that prints it. */
import { readFileSync } from 'node:fs'
import type { RunCommand } from './command.ts'
import { printResult } from './print.ts'

/** From its package.json: two folders up in the sources, three in `dist/`. */
export function packageVersion(): string {
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      const { name, version }: { name?: unknown; version?: unknown } = JSON.parse(
        readFileSync(new URL(path, import.meta.url), 'utf8'),
      )
      if (name === 'realmesh' && typeof version === 'string') return version
    } catch {
      // Not here: the other place has it.
    }
  }
  return '0.0.0'
}

/** `realmesh version`: what runs here. */
export const run: RunCommand = async (invocation) => {
  const [realmesh, node] = [packageVersion(), process.versions.node]
  const text = `realmesh ${realmesh}\nnode ${node} (${process.platform} ${process.arch})\n`
  return printResult(invocation, { json: { realmesh, node }, text })
}
