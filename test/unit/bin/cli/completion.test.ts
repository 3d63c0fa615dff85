import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { completionScript, SHELLS } from '../../../../bin/cli/completion.ts'
import { COMMANDS } from '../../../../bin/command-table.ts'
import { skip } from '../../../support/skip.ts'

describe('completionScript', () => {
  /** What bash offers behind these words. */
  function offered(...words: string[]): readonly string[] {
    const ask = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _realmesh`
    const script = `${completionScript('bash', COMMANDS)}\n${ask}; echo "\${COMPREPLY[@]}"`
    return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split(' ')
  }

  before(function () {
    if (process.platform === 'win32') skip(this, 'Windows has no bash')
  })

  it('offers commands, words of groups, and flags', () => {
    assert.deepEqual(offered('realmesh', 'sta'), ['status'])
    assert.deepEqual(offered('realmesh', 'config', 's'), ['show', 'set'])
    assert.ok(offered('realmesh', 'up', '--no').includes('--no-mdns'))
    assert.ok(offered('realmesh', 'config', 'show', '--').includes('--origin'))
  })

  it('offers the words that a flag takes', () => {
    assert.deepEqual(offered('realmesh', 'models', '--scope', ''), ['local', 'home', 'friends', 'public'])
    assert.deepEqual(offered('realmesh', 'ask', '--scope', 'f'), ['friends'])
    assert.match(completionScript('fish', COMMANDS), /-l scope -xa "local home friends public"/)
  })

  it('knows every command in every shell', () => {
    for (const shell of SHELLS) {
      const script = completionScript(shell, COMMANDS)
      for (const { name } of COMMANDS) assert.ok(script.includes(name.split(' ').at(-1) ?? name), `${shell}: ${name}`)
    }
  })
})
