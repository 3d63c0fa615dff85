import assert from 'node:assert/strict'
import { readGuid, readStdin } from '../../../../bin/cli/read-stdin.ts'
import { commandContext } from '../../../support/command-context.ts'

const PROMPT = { what: 'the prompt', maxBytes: 4, tooLong: 'PROMPT_TOO_LARGE' } as const

describe('readStdin', () => {
  it('gives all of it, and counts bytes', async () => {
    assert.equal(await readStdin(commandContext({ input: 'üö' }), PROMPT), 'üö')
    await assert.rejects(readStdin(commandContext({ input: 'üöx' }), PROMPT), {
      code: 'PROMPT_TOO_LARGE',
      message: 'the prompt has over 4 bytes',
    })
  })

  it('tells a person at a terminal what to type, and a pipe nothing', async () => {
    const piped = commandContext({ input: 'x' })
    await readStdin(piped, PROMPT)
    assert.equal(piped.printed.err, '')
    const typed = commandContext({ input: 'x' })
    Object.assign(typed.stdin, { isTTY: true })
    await readStdin(typed, PROMPT)
    assert.match(typed.printed.err, /type the prompt/)
  })
})

describe('readGuid', () => {
  it('takes it from the line, or from stdin for a dash, and only the line end off', async () => {
    const context = commandContext({ input: ' a b \r\n' })
    assert.equal(await readGuid({ args: ['g'], context }), 'g')
    assert.equal(await readGuid({ args: ['-'], context }), ' a b ')
  })

  it('refuses none', async () => {
    await assert.rejects(readGuid({ args: [''], context: commandContext() }), { code: 'USAGE' })
    await assert.rejects(readGuid({ args: ['-'], context: commandContext({ input: '\n' }) }), { code: 'USAGE' })
  })
})
