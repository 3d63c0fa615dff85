/**
 * `realmesh config edit`: realms.yml in the editor of the user. They edit a draft, which takes the file's place only
 * when it is valid: a node that runs never reads half a change.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { checkConfig } from '../../../config/file/check-config.ts'
import { readConfigText } from '../../../config/file/load-config.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { atomicWrite } from '../../../home/atomic-write.ts'
import { prepareHome } from '../../../home/home-folder.ts'
import type { RunCommand } from '../../cli/command.ts'
import type { CommandContext } from '../../cli/context.ts'
import { EXIT } from '../../cli/exit-codes.ts'
import { configFileOf, problemText } from './config.ts'

const NEW_FILE =
  '# docs/config.md says what may stand here; realmesh config show prints what is in force without a word of yours.\n'

export const run: RunCommand = async (invocation) => {
  const { home, context } = invocation
  const { file, named } = configFileOf(invocation)
  if (!named) await prepareHome(home)
  const before = (await readConfigText(file, true)) ?? NEW_FILE
  const draft = `${file}.draft`
  const left = await readConfigText(draft, true)
  if (left === undefined) await atomicWrite(draft, before)
  else context.err(`this is the draft of last time, which did not become the file; remove ${draft} to begin anew\n`)
  await edit(draft, context)
  const text = (await readConfigText(draft, true)) ?? before
  const checked = checkConfig(text, draft)
  if (!checked.ok) {
    context.err(checked.problems.map(problemText).join(''))
    context.err(`${file} is as it was; realmesh config edit goes on with the draft\n`)
    return EXIT.config
  }
  if (text !== before) await atomicWrite(file, text)
  await rm(draft, { force: true })
  context.err(
    `${file}: ${text === before ? 'nothing was changed' : 'changed; for a running node: realmesh config reload'}\n`,
  )
  return EXIT.ok
}

/** Resolves when the editor has ended. Throws `USAGE` where it cannot be run, or says that it failed. */
async function edit(file: string, { env }: CommandContext): Promise<void> {
  const command = env['VISUAL'] || env['EDITOR'] || (process.platform === 'win32' ? 'notepad' : 'vi')
  // The variables may hold arguments, such as `code --wait`.
  const [program = '', ...args] = command.split(/\s+/).filter((word) => word !== '')
  const child = spawn(program, [...args, file], { stdio: 'inherit' })
  const status = await once(child, 'exit').then(
    ([code]) => code as number | null,
    (cause: NodeJS.ErrnoException) => {
      throw new RealmeshError('USAGE', `the editor ${program} cannot be run (${cause.code ?? cause.message})`, {
        fix: 'set EDITOR to a program that edits text',
        cause,
      })
    },
  )
  if (status === 0) return
  throw new RealmeshError('USAGE', `the editor ${program} ended with status ${status}`, {
    fix: `nothing was changed; what it wrote is in ${file}`,
  })
}
