/**
 * The GUID that a command is about. It is a credential, and every user of a machine sees the command lines of all: `-` reads it from
 * stdin instead.
 */
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Invocation } from '../cli/command.ts'

/** Longest GUID that the user data knows, as UTF-8, and its line end. */
const MAX_BYTES = 4 * 4_096 + 2

/** Any text is a sound GUID, so that only the line end is taken off. Throws `USAGE` when there is none. */
export async function readGuid({ args, context }: Pick<Invocation, 'args' | 'context'>): Promise<string> {
  const [given = ''] = args
  const guid = given === '-' ? await firstLine(context) : given
  if (guid !== '') return guid
  throw new RealmeshError('USAGE', 'the GUID is empty', { fix: 'write it to stdin, with - in its place' })
}

async function firstLine({ stdin, err }: Invocation['context']): Promise<string> {
  if (stdin.isTTY === true) err('type the GUID, then Enter and Ctrl-D\n')
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk)
    length += bytes.length
    if (length > MAX_BYTES) throw new RealmeshError('USAGE', `the GUID has over ${MAX_BYTES} bytes`)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}
