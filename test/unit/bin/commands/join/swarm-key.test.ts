import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { homeFolder } from '../../../../../home/home-folder.ts'
import { readSwarmKey } from '../../../../../home/keys/swarm-key.ts'
import { commandContext, runCommand } from '../../../../support/command-context.ts'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'

describe('realmesh swarm key', () => {
  const folder = temporaryFolder()
  const home = (): string => folder.path('h')
  const run = (...words: string[]) => runCommand(['swarm', 'key', ...words, '--home', home()], commandContext())

  it('says that the swarm is open, makes a key once, and tells by which one the swarm is known', async () => {
    assert.match((await run()).out, /open swarm/)
    const { out } = await run('make', '--json')
    const { file, fingerprint } = JSON.parse(out) as { readonly file: string; readonly fingerprint: string }
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.equal((await readSwarmKey(homeFolder(home()), undefined))?.byteLength, 32)
    assert.match((await run()).out, new RegExp(`^private swarm ${fingerprint}`))
    const again = await run('make')
    assert.match(again.err, /there is a swarm key already/)
  })

  it('knows no other act', async () => {
    assert.match((await run('take')).err, /there is no such act/)
  })
})
