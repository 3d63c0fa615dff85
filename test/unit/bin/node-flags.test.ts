import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

const root = new URL('../../../', import.meta.url)

describe('the flags of Node', () => {
  it('are the same for the installed command and for npm start, which reads source maps too: they cost a command its start', () => {
    const [shebang = ''] = readFileSync(new URL('bin/realmesh.ts', root), 'utf8').split('\n')
    const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
    const flags = (words: string): readonly string[] => words.split(' ').filter((word) => word.startsWith('--'))
    assert.deepEqual(flags(shebang), ['--max-semi-space-size=32'])
    assert.deepEqual(flags(scripts.start), [...flags(shebang), '--enable-source-maps'])
  })
})
