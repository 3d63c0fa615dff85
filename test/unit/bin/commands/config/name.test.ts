import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { commandContext, runCommand } from '../../../../support/command-context.ts'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'

describe('realmesh name', () => {
  const folder = temporaryFolder()
  const run = (...words: readonly string[]) =>
    runCommand(['name', ...words, '--home', folder.path('h')], commandContext())
  const file = (): string => folder.path('h', 'realms.yml')

  it('writes the name, the comments of the file kept, and shows it', async () => {
    await mkdir(folder.path('h'), { recursive: true })
    await writeFile(file(), '# mine\nnode:\n  scope: home # not wider\n')
    const { err, status } = await run('attic rig')
    assert.equal(status, 0, err)
    assert.match(err, /this node is called attic rig/)
    const text = await readFile(file(), 'utf8')
    assert.match(text, /^# mine$/m)
    assert.match(text, /scope: home # not wider/)
    assert.equal((await run()).out, 'attic rig\n')
  })

  it('takes a number for a name, and takes out what would steer a terminal', async () => {
    await run('42')
    assert.equal((await run('--json')).out, '{"name":"42"}\n')
    await run('a\u001b[2Jb')
    assert.equal((await run()).out, 'a [2Jb\n')
  })

  it('refuses an empty name and one that no node would be told, and leaves the file as it was', async () => {
    await run('kept')
    assert.match((await run(' ')).err, /the name is empty/)
    assert.notEqual((await run('x'.repeat(65))).status, 0)
    assert.equal((await run()).out, 'kept\n')
  })
})
