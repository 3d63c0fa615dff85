/** `realmesh register`: lets nodes that show the swarm name this one, with a contact; off by default. */
import { cleanText } from '../../../core/clean-text.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { type RunCommand, textFlag } from '../../cli/command.ts'
import { EXIT } from '../../cli/exit-codes.ts'
import { changeValue } from './config.ts'

/** `--off` takes it back: the next card says so, and registries follow it. */
export const run: RunCommand = async (invocation) => {
  const { flags } = invocation
  const contact = textFlag(flags, 'contact')
  if (flags['off'] === true) {
    if (contact !== undefined) {
      throw new RealmeshError('USAGE', '--off and --contact contradict each other', { fix: 'realmesh register --off' })
    }
    return await changeValue(invocation, {
      where: 'node.registry.listed',
      value: 'false',
      what: 'this node is not listed',
    })
  }
  if (contact !== undefined) {
    const value = JSON.stringify(cleanText(contact))
    const what = `the contact of this node is ${cleanText(contact)}`
    const status = await changeValue(invocation, { where: 'node.registry.contact', value, what })
    if (status !== EXIT.ok) return status
  }
  const what = 'this node is listed: nodes that show the swarm tell its name, contact, models and label'
  return await changeValue(invocation, { where: 'node.registry.listed', value: 'true', what })
}
