#!/usr/bin/env -S node --max-semi-space-size=32
/**
 * The command `realmesh`. Nothing but the start: what it does is in program.ts, so that tests can import it. The flag lets what a query
 * leaves behind die young: with V8's 16 MB the collector takes an eighth of the CPU of a query. `npm start` has it too.
 */
import '../core/node20-shim.ts'
import module from 'node:module'
import { processContext } from './cli/context.ts'
import { main } from './program.ts'

/** How long a handle that nobody closed may keep a finished command alive. */
const LINGER_MS = 500

// Node 22 and newer can keep compiled code between starts.
module.enableCompileCache?.()

const context = processContext()
process.exitCode = await main(process.argv.slice(2), context)
setTimeout(() => process.exit(), LINGER_MS).unref()
