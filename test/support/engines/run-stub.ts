/**
 * A stub engine as a process: `run-stub.ts --kind ollama --port 0 --tokens 50 --tokenMs 20 …`, with every knob as a
 * flag. Prints one line of JSON when it listens: `{"event":"ready","kind","url","pid"}`. Ends on SIGTERM or when its
 * standard input ends, if `--until-stdin-ends` is given.
 */
import '../../../core/node20-shim.ts'
import process from 'node:process'
import { STUB_KINDS, type StubKind } from './stub-kinds.ts'
import { readKnobs } from './stub-knobs.ts'

function flagsOf(args: readonly string[]): Record<string, string> {
  const flags: Record<string, string> = {}
  for (let i = 0; i < args.length; i += 1) {
    const name = args[i]?.replace(/^--/, '') ?? ''
    const next = args[i + 1]
    if (next === undefined || next.startsWith('--')) flags[name] = 'true'
    else {
      flags[name] = next
      i += 1
    }
  }
  return flags
}

const flags = flagsOf(process.argv.slice(2))
const kind = flags['kind'] ?? 'ollama'
if (!Object.hasOwn(STUB_KINDS, kind)) {
  console.error(`no stub of kind ${kind}; there are ${Object.keys(STUB_KINDS).join(', ')}`)
  process.exit(2)
}
const stub = await STUB_KINDS[kind as StubKind](readKnobs(flags)).start(Number(flags['port'] ?? 0))
console.log(JSON.stringify({ event: 'ready', kind, url: stub.url, pid: process.pid }))

const stop = (): void => {
  stub.stop().then(
    () => process.exit(0),
    () => process.exit(1),
  )
}
process.once('SIGTERM', stop)
process.once('SIGINT', stop)
if (flags['until-stdin-ends'] !== undefined) process.stdin.once('end', stop).resume()
