/** The version of this package, from its package.json: two folders up in the sources, three in `dist/`. */
import { readFileSync } from 'node:fs'

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
