import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { type CommandResult, commandContext, runCommand } from '../../../../support/command-context.ts'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'

describe('config edit', () => {
  const folder = temporaryFolder()
  const file = (): string => folder.path('h/realms.yml')
  const draft = (): string => `${file()}.draft`

  /** Runs it with an editor that is a shell command line; `$1` is the file that it is given. */
  async function edit(script: string): Promise<CommandResult> {
    const editor = folder.path('editor.sh')
    await writeFile(editor, script)
    const context = commandContext({ env: { EDITOR: `sh ${editor}` } })
    return await runCommand(['config', 'edit', '--home', folder.path('h')], context)
  }

  it('puts what the editor wrote in the place of the file, and names what comes next', async () => {
    const { err, status } = await edit('echo "node: { scope: local }" > "$1"')
    assert.equal(status, 0, err)
    assert.equal(await readFile(file(), 'utf8'), 'node: { scope: local }\n')
    assert.match(err, /changed; .*realmesh config reload/)
    assert.ok(!existsSync(draft()))
  })

  it('leaves the file as it was while the draft is not valid, and goes on with the draft', async () => {
    await edit('echo "node: { scope: local }" > "$1"')
    const { err, status } = await edit('echo "node: { scope: nowhere }" > "$1"')
    assert.equal(status, 4)
    assert.match(err, /node\.scope: "nowhere": expected one of .*\[CONFIG_INVALID\]\n {2}fix: /)
    assert.match(err, /is as it was/)
    assert.equal(await readFile(file(), 'utf8'), 'node: { scope: local }\n')
    assert.equal((await edit('sed -i s/nowhere/home/ "$1"')).status, 0)
    assert.equal(await readFile(file(), 'utf8'), 'node: { scope: home }\n')
  })

  it('makes no file out of an editor that wrote nothing', async () => {
    const { err, status } = await edit('true')
    assert.deepEqual([status, existsSync(file()), existsSync(draft())], [0, false, false])
    assert.match(err, /nothing was changed/)
  })

  it('says that an editor failed, or is not there', async () => {
    assert.match((await edit('exit 3')).err, /ended with status 3 \[USAGE\]/)
    const context = commandContext({ env: { VISUAL: folder.path('no-such-editor') } })
    const { err, status } = await runCommand(['config', 'edit', '--home', folder.path('h')], context)
    assert.match(err, /cannot be run \(ENOENT\) \[USAGE\]\n {2}fix: set EDITOR/)
    assert.equal(status, 2)
  })
})

describe('config path', () => {
  const folder = temporaryFolder()

  it('prints where the file lies, and says when it is not there', async () => {
    const { out, err, status } = await runCommand(['config', 'path', '--home', folder.path('h')])
    assert.deepEqual([out, status], [`${folder.path('h/realms.yml')}\n`, 0])
    assert.match(err, /not there yet/)
  })
})
