/** `realmesh consent public|none`: whether prompts may go to machines of strangers. */
import { rm } from 'node:fs/promises'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { atomicWrite } from '../../../home/atomic-write.ts'
import { prepareHome } from '../../../home/home-folder.ts'
import type { RunCommand } from '../../cli/command.ts'
import { printResult } from '../../cli/print.ts'

const TOLD = {
  public: 'queries of scope public may now go to strangers, who can read them; realmesh consent none ends it',
  none: 'queries of scope public are refused from now on, unless the node itself runs with --scope public',
} as const

export const run: RunCommand = async (invocation) => {
  const { args, home } = invocation
  const [word] = args
  if (word !== 'public' && word !== 'none') {
    throw new RealmeshError('USAGE', `consent ${word}: expected public or none`, { fix: 'realmesh consent public' })
  }
  if (word === 'none') await rm(home.publicConsent, { force: true })
  else {
    await prepareHome(home)
    await atomicWrite(home.publicConsent, `${new Date().toISOString()}\n`, { mode: 0o600 })
  }
  return printResult(invocation, { json: { consent: word }, note: TOLD[word] })
}
