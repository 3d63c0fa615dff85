import assert from 'node:assert/strict'
import { commandContext, runCommand } from '../../../../support/command-context.ts'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'

describe('config set', () => {
  const folder = temporaryFolder()

  it('names the command that lets a running node read the file again', async () => {
    const { err, status } = await runCommand(
      ['config', 'set', 'node.scope', 'local', '--home', folder.path('h')],
      commandContext(),
    )
    assert.equal(status, 0, err)
    assert.match(err, /node\.scope is now local; .*realmesh config reload/)
  })
})
