// Regenerates what is generated and committed. With --verify nothing is written and a difference fails.
// Protobuf: protocols/**/messages.proto -> messages.ts (protons). Further generators are listed in GENERATORS.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const verify = process.argv.includes('--verify')
let stale = 0

function settle(target, generated) {
  const same = existsSync(target) && readFileSync(target, 'utf8') === generated
  if (same) return
  const name = relative(root, target)
  if (verify) {
    console.error(`${name} is not what its source generates\n  fix: npm run generate`)
    stale += 1
  } else {
    writeFileSync(target, generated)
    console.log(`wrote ${name}`)
  }
}

function run(args, env = {}) {
  const result = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 64 * 1024 * 1024,
  })
  if (result.status !== 0) {
    console.error(result.stdout, result.stderr)
    process.exit(1)
  }
  return result.stdout
}

/**
 * Protons writes each message as an interface and a namespace of the same name; namespaces cannot be erased. Each
 * becomes a constant that holds the same functions.
 */
function erasable(generated) {
  const lines = []
  let name
  for (const line of generated.split('\n')) {
    const opening = /^export namespace (\w+) \{$/.exec(line)
    if (opening !== null) {
      name = opening[1]
      lines.push(`export const ${name} = (() => {`)
    } else if (name !== undefined && line === '}') {
      lines.push('  return { codec, encode, decode, stream }', '})()')
      name = undefined
    } else lines.push(name === undefined ? line : line.replace(/^ {2}export /, '  '))
  }
  return `// Generated from the .proto file beside it: npm run generate\n// @ts-nocheck: protons does not know exactOptionalPropertyTypes\n${lines.join('\n')}`
}

function protobufs() {
  for (const entry of readdirSync(join(root, 'protocols'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.proto')) continue
    const folder = entry.parentPath ?? entry.path
    const work = mkdtempSync(join(tmpdir(), 'realmesh-proto-'))
    copyFileSync(join(folder, entry.name), join(work, entry.name))
    run([join('node_modules', 'protons', 'dist', 'bin', 'protons.js'), join(work, entry.name), '--output', work])
    const output = entry.name.replace(/\.proto$/, '.ts')
    settle(join(folder, output), erasable(readFileSync(join(work, output), 'utf8')))
    rmSync(work, { recursive: true, force: true })
  }
}

/** Scripts that print a generated file to stdout, and where it goes. A row appears with the part that needs it. */
const GENERATORS = [
  { script: join('scripts', 'generate-config-docs.ts'), target: join('docs', 'config.md') },
  { script: join('scripts', 'generate-config-schema.ts'), target: join('docs', 'realms.schema.json') },
  { script: join('scripts', 'generate-error-docs.ts'), target: join('docs', 'errors.md') },
  { script: join('scripts', 'generate-doctor-docs.ts'), target: join('docs', 'doctor.md') },
]

protobufs()
for (const { script, target } of GENERATORS) settle(join(root, target), run(['--import=tsx', script]))
process.exit(stale === 0 ? 0 : 1)
