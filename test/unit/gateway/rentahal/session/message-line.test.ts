import assert from 'node:assert/strict'
import { MAX_WAITING_MESSAGES, MessageLine } from '../../../../../gateway/rentahal/session/message-line.ts'
import { turn } from '../../../../support/until.ts'

describe('the messages of a socket', () => {
  const socket = {
    isPaused: false,
    pause(): void {
      this.isPaused = true
    },
    resume(): void {
      this.isPaused = false
    },
  }
  let handled: string[]
  let gate: PromiseWithResolvers<void>
  let line: MessageLine
  beforeEach(() => {
    socket.isPaused = false
    handled = []
    gate = Promise.withResolvers<void>()
    line = new MessageLine({
      socket,
      first: async () => {
        await gate.promise
        handled.push('greeted')
      },
      handle: async (message) => {
        await turn()
        handled.push(message.toString())
      },
    })
    line.begin()
  })

  it('are handled behind the greeting, one behind the other', async () => {
    for (const text of ['a', 'b']) line.add(Buffer.from(text))
    await turn()
    assert.deepEqual(handled, [])
    gate.resolve()
    while (handled.length < 3) await turn()
    line.add(Buffer.from('c'))
    while (handled.length < 4) await turn()
    assert.deepEqual(handled, ['greeted', 'a', 'b', 'c'])
  })

  it('are not read while many wait', async () => {
    for (let count = 0; count < MAX_WAITING_MESSAGES - 1; count += 1) line.add(Buffer.from('x'))
    assert.equal(socket.isPaused, false)
    line.add(Buffer.from('x'))
    assert.equal(socket.isPaused, true)
    gate.resolve()
    while (handled.length <= MAX_WAITING_MESSAGES / 2 + 1) await turn()
    assert.equal(socket.isPaused, false)
    while (handled.length <= MAX_WAITING_MESSAGES) await turn()
  })

  it('are forgotten where it stops', async () => {
    line.add(Buffer.from('x'))
    line.stop()
    line.add(Buffer.from('y'))
    gate.resolve()
    await turn()
    await turn()
    assert.deepEqual(handled, ['greeted'])
  })
})
