/** The loop of a Node program: a task per line in, what came of it per line out (test/clients/client-program.ts). */
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { createInterface } from 'node:readline'

/** What a failure is asked through. */
const ASKED_BY = {
  ...{ wrongModel: 'chat', badRequest: 'chat', wrongKey: 'chat', tooLong: 'chat', refused: 'schema' },
  ...{ parallel: 'tools', roundTrip: 'tools', receipts: 'chat' },
}

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** The version of an installed package. */
export function versionOf(name) {
  return JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version
}

/** Serves tasks until the input ends; `describe` tells status and code of an exception. */
export async function serve(version, features, describe) {
  say({ version })
  for await (const line of createInterface({ input: process.stdin })) {
    const task = JSON.parse(line)
    const run = features[task.feature] ?? features[ASKED_BY[task.feature]]
    try {
      say({ value: await run(task) })
    } catch (error) {
      const { status = null, code = null } = describe(error)
      say({ error: { name: error.constructor.name, status, code, message: String(error.message).slice(0, 500) } })
    }
  }
}
