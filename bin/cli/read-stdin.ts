/**
 * What a command reads from stdin: a prompt, or a GUID, which must not stand on a command line that every user of the
 * machine sees.
 */
import { type ErrorCode, RealmeshError } from '../../core/realmesh-error.ts'
import type { Invocation } from './command.ts'
import type { CommandContext } from './context.ts'

export interface StdinText {
  /** What it is called in messages, such as `the prompt`. */
  readonly what: string
  readonly maxBytes: number
  /** Code of the error when it is longer. */
  readonly tooLong: ErrorCode
}

/** All of stdin as text. A person at a terminal is told what to type. */
export async function readStdin(
  { stdin, err }: Pick<CommandContext, 'stdin' | 'err'>,
  { what, maxBytes, tooLong }: StdinText,
): Promise<string> {
  if (stdin.isTTY === true) err(`type ${what}, then Enter and Ctrl-D\n`)
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk)
    length += bytes.length
    if (length > maxBytes) throw new RealmeshError(tooLong, `${what} has over ${maxBytes} bytes`)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Longest GUID that the user data knows, as UTF-8, and its line end. */
const GUID: StdinText = { what: 'the GUID', maxBytes: 4 * 4_096 + 2, tooLong: 'USAGE' }

/**
 * The GUID that a command is about; `-` reads it from stdin. Any text is a sound GUID: only the line end is taken off.
 * Throws `USAGE`.
 */
export async function readGuid({ args, context }: Pick<Invocation, 'args' | 'context'>): Promise<string> {
  const [given = ''] = args
  const guid = given === '-' ? (await readStdin(context, GUID)).replace(/\r?\n$/, '') : given
  if (guid !== '') return guid
  throw new RealmeshError('USAGE', 'the GUID is empty', { fix: 'write it to stdin, with - in its place' })
}
