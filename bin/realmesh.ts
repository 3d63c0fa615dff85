#!/usr/bin/env -S node --max-semi-space-size=32
/**
 * The command `realmesh`. Nothing but the start: what it does is in program.ts, so that tests can import it. The flag
 * lets what a query leaves behind die young: with V8's 16 MB the collector takes an eighth of the CPU of a query. `npm
 * start` has it too.
 */
import '../core/node20-shim.ts'
import module from 'node:module'
import { processContext } from './cli/context.ts'
import { lackOfFiles } from './cli/open-files.ts'

/** How long a handle that was left open may keep a finished command alive. */
const LINGER_MS = 500

// Node 22 and newer can keep compiled code between starts.
module.enableCompileCache?.()

const context = processContext()
// Not imported above: where too few files may be opened, its own imports fail, and that must be told.
const program = await import('./program.ts').catch((thrown: unknown) => {
  const { message, fix } = lackOfFiles(thrown) ?? { message: String(thrown), fix: 'install realmesh again' }
  context.err(`realmesh: ${message} [INTERNAL]\n  fix: ${fix}\n`)
})
process.exitCode = program === undefined ? 1 : await program.main(process.argv.slice(2), context)
setTimeout(() => process.exit(), LINGER_MS).unref()
