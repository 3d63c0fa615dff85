import assert from 'node:assert/strict'
import { UserGate } from '../../../../storage/shards/user-gate.ts'

describe('the gate of users', () => {
  /** A task that holds users until it is let go. */
  function holder(gate: UserGate, users: readonly string[], log: string[]) {
    let letGo = (): void => {}
    const held = gate.hold(users, async () => {
      log.push(`begin ${users.join('')}`)
      await new Promise<void>((resolve) => {
        letGo = resolve
      })
      log.push(`end ${users.join('')}`)
    })
    return { held, letGo: () => letGo() }
  }

  it('lets changes pass of users that nobody holds', async () => {
    const gate = new UserGate()
    const { held, letGo } = holder(gate, ['a'], [])
    assert.equal(gate.blocked('b'), undefined)
    await gate.pass('b')
    assert.ok(gate.blocked('a'))
    letGo()
    await Promise.all([held, gate.pass('a')])
    assert.equal(gate.blocked('a'), undefined)
  })

  it('runs tasks for one user one after another, and takes all of its users at once', async () => {
    const gate = new UserGate()
    const log: string[] = []
    const first = holder(gate, ['a', 'b'], log)
    const second = holder(gate, ['b', 'c'], log)
    const third = holder(gate, ['c'], log)
    await new Promise(setImmediate)
    assert.deepEqual(log, ['begin ab', 'begin c'])
    first.letGo()
    third.letGo()
    await Promise.all([first.held, third.held])
    await new Promise(setImmediate)
    second.letGo()
    await second.held
    assert.deepEqual(log.slice(-2), ['begin bc', 'end bc'])
  })

  it('opens again after a task that failed', async () => {
    const gate = new UserGate()
    await assert.rejects(
      gate.hold(['a'], () => Promise.reject(new Error('no'))),
      /no/,
    )
    assert.equal(await gate.hold(['a'], async () => 'in'), 'in')
  })
})
