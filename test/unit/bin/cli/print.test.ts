import assert from 'node:assert/strict'
import { describeError, printResult } from '../../../../bin/cli/print.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { commandContext } from '../../../support/command-context.ts'

describe('describeError', () => {
  it('gives one line of cause with its code and one line of fix', () => {
    const error = new RealmeshError('PORT_IN_USE', 'port 5000 is taken', { fix: 'choose another' })
    assert.equal(describeError(error, false), 'realmesh: port 5000 is taken [PORT_IN_USE]\n  fix: choose another\n')
  })

  it('keeps line ends and escape sequences out of the terminal', () => {
    const text = describeError(new RealmeshError('ENGINE_FAILED', 'a\nb\u001b[31mc'), false)
    assert.equal(text, 'realmesh: a b [31mc [ENGINE_FAILED]\n')
  })

  it('asks for a report where the fault is ours', () => {
    assert.match(describeError(new TypeError('x is undefined'), false), /\[INTERNAL\]\n {2}fix: .*--debug/)
  })

  it('shows the causes beneath with --debug', () => {
    const error = new RealmeshError('INTERNAL', 'outer', { cause: new Error('inner') })
    assert.match(describeError(error, true), /Error: inner\n\s+at /)
  })
})

describe('printResult', () => {
  const result = { json: { done: true }, text: 'all\n', note: 'done', warning: 'but', status: 1 }

  it('prints text to stdout, remarks to stderr, and gives the status', () => {
    const context = commandContext()
    assert.equal(printResult({ flags: {}, context }, result), 1)
    assert.deepEqual(context.printed, { out: 'all\n', err: 'done\n! but\n' })
  })

  it('prints one line of JSON instead with --json, and still what must be known', () => {
    const context = commandContext()
    assert.equal(printResult({ flags: { json: true }, context }, { ...result, status: 0 }), 0)
    assert.deepEqual(context.printed, { out: '{"done":true}\n', err: '! but\n' })
  })
})
