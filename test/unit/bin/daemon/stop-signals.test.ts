import assert from 'node:assert/strict'
import { type StopSignals, stopSignals } from '../../../../bin/daemon/stop-signals.ts'

describe('stopSignals', () => {
  let told: (string | number)[]
  let terminal: boolean
  let signals: StopSignals

  const listen = (inTerminal: boolean): void => {
    told = []
    terminal = inTerminal
    signals = stopSignals(
      (status) => told.push(status),
      () => told.push('reload'),
      () => terminal,
    )
    void signals.stopped.then((reason) => told.push(reason))
  }

  afterEach(() => signals.release())

  it('reads the configuration again at SIGHUP, in a service and in a terminal that is there', async () => {
    for (const inTerminal of [false, true]) {
      listen(inTerminal)
      process.emit('SIGHUP')
      await Promise.resolve()
      assert.deepEqual(told, ['reload'])
      signals.release()
    }
  })

  it('stops at the SIGHUP of a terminal that was closed, and reads nothing', async () => {
    listen(true)
    terminal = false
    process.emit('SIGHUP')
    assert.equal(await signals.stopped, 'the terminal was closed')
    process.emit('SIGHUP')
    assert.deepEqual(told, ['the terminal was closed', 129])
  })

  it('stops at the first signal, and at once at the second', async () => {
    listen(false)
    process.emit('SIGTERM')
    assert.equal(await signals.stopped, 'SIGTERM')
    process.emit('SIGINT')
    assert.deepEqual(told, ['SIGTERM', 130])
  })
})
