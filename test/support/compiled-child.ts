/**
 * A test's child process as plain JavaScript. Loading TypeScript through tsx costs a third of a second per process,
 * which is too much for a test that starts five hundred; compiling once costs less than one of them.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** Compiles `source` (a path from the root of the project) with all that it imports; the path of the result. */
export function compiledChild(source: string): string {
  const name = source.replace(/[^a-z0-9]+/gi, '-')
  const out = join(ROOT, 'node_modules', '.cache', 'realmesh', `child-${name}-${process.pid}`)
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  const config = join(out, 'tsconfig.json')
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(ROOT, 'tsconfig.json'),
      compilerOptions: { noEmit: false, incremental: false, tsBuildInfoFile: null, rootDir: ROOT, outDir: out },
      include: [],
      files: [join(ROOT, source)],
    }),
  )
  writeFileSync(join(out, 'package.json'), '{"type":"module"}')
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', config], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the child does not compile: ${stdout}`)
  return join(out, source.replace(/\.ts$/, '.js'))
}

/** Removes what `compiledChild` made. */
export function removeCompiledChild(path: string): void {
  const cut = path.indexOf('child-')
  rmSync(path.slice(0, path.indexOf('/', cut) + 1 || undefined), { recursive: true, force: true })
}
