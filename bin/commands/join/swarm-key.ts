/** `realmesh swarm key`: the key of a private swarm, in the home of a node. */
import { createHash } from 'node:crypto'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { prepareHome } from '../../../home/home-folder.ts'
import { newSwarmKey, readSwarmKey, writeSwarmKey } from '../../../home/keys/swarm-key.ts'
import type { Invocation, RunCommand } from '../../cli/command.ts'
import { printResult } from '../../cli/print.ts'

const NEXT = `Restart the node. Others come in by realmesh invite here, whose line holds the key, or by a copy of
the file in their home; whoever has the line or the file can connect. No other node is met any more.`

export const run: RunCommand = async (invocation) => {
  const [what] = invocation.args
  if (what === 'make') return await make(invocation)
  if (what !== undefined) {
    throw new RealmeshError('USAGE', `swarm key ${what}: there is no such act`, { fix: 'realmesh swarm key make' })
  }
  const { swarmKey: file } = invocation.home
  const key = await readSwarmKey(invocation.home, undefined)
  return printResult(invocation, {
    json: key === undefined ? { private: false } : { private: true, file, fingerprint: fingerprintOf(key) },
    text:
      key === undefined
        ? 'this home is in the open swarm; realmesh swarm key make begins a private one\n'
        : `private swarm ${fingerprintOf(key)}, by ${file}\n`,
  })
}

async function make(invocation: Invocation): Promise<number> {
  const { home } = invocation
  if ((await readSwarmKey(home, undefined)) !== undefined) {
    throw new RealmeshError('USAGE', `there is a swarm key already: ${home.swarmKey}`, {
      fix: 'remove the file first; this node then no longer meets those that have the same key',
    })
  }
  await prepareHome(home)
  const key = newSwarmKey()
  await writeSwarmKey(home.swarmKey, key)
  const made = { file: home.swarmKey, fingerprint: fingerprintOf(key) }
  return printResult(invocation, { json: made, text: `${made.file}\n`, note: NEXT })
}

/** By which two people see whether their nodes have the same key, without showing it. */
function fingerprintOf(key: Uint8Array): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 12)
}
