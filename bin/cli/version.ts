/** This package on the disk, its version, and the command that prints that. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { RunCommand } from './command.ts'
import { printResult } from './print.ts'

/** The whole path of a file of this package: two folders up in the sources, three in `dist/`. */
export function packageFile(name: string): string {
  const places = ['../../', '../../../'].map((up) => fileURLToPath(new URL(`${up}${name}`, import.meta.url)))
  return places.find((path) => existsSync(path)) ?? name
}

/** From its package.json. */
export function packageVersion(): string {
  try {
    const { version }: { version?: unknown } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'))
    return typeof version === 'string' ? version : NO_VERSION
  } catch {
    return NO_VERSION // a package that was taken apart runs all the same
  }
}

const NO_VERSION = '0.0.0'

/** `realmesh version`: what runs here. */
export const run: RunCommand = async (invocation) => {
  const [realmesh, node] = [packageVersion(), process.versions.node]
  const text = `realmesh ${realmesh}\nnode ${node} (${process.platform} ${process.arch})\n`
  return printResult(invocation, { json: { realmesh, node }, text })
}
