/** `realmesh consent public|none`: whether prompts may go to machines of strangers. */
import { rm } from 'node:fs/promises'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { atomicWrite } from '../../../home/atomic-write.ts'
import { prepareHome } from '../../../home/home-folder.ts'
import type { RunCommand } from '../../cli/command.ts'

export const run: RunCommand = async ({ args, home, context }) => {
  const [word] = args
  if (word === 'public') {
    await prepareHome(home)
    await atomicWrite(home.publicConsent, `${new Date().toISOString()}\n`, { mode: 0o600 })
    context.err('queries of scope public may now go to strangers, who can read them; realmesh consent none ends it\n')
    return 0
  }
  if (word === 'none') {
    await rm(home.publicConsent, { force: true })
    context.err('queries of scope public are refused from now on, unless the node itself runs with --scope public\n')
    return 0
  }
  throw new RealmeshError('USAGE', `consent ${word}: expected public or none`, { fix: 'realmesh consent public' })
}
