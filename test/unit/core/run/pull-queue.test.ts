import assert from 'node:assert/strict'
import { PullQueue } from '../../../../core/run/pull-queue.ts'

function queueOf(...items: number[]): PullQueue<number> {
  const queue = new PullQueue<number>()
  for (const item of items) queue.push(item)
  return queue
}

describe('PullQueue', () => {
  it('hands over in order, one by one or all at once', async () => {
    const queue = queueOf(0, 1, 2, 3)
    assert.deepEqual([queue.take(), await queue.next(), queue.size], [0, 1, 2])
    assert.deepEqual(queue.takeAll(), [2, 3])
    assert.deepEqual([queue.take(), queue.takeAll(), queue.size], [undefined, [], 0])
  })

  it('wakes a reader that waits, by an item, by the end and by a failure', async () => {
    const queue = queueOf()
    const item = queue.next()
    queue.push(7)
    assert.equal(await item, 7)
    const end = queue.next()
    queue.end()
    assert.equal(await end, undefined)

    const broken = queueOf()
    const failed = broken.next()
    broken.fail(new Error('broken'))
    await assert.rejects(failed, /broken/)
  })

  it('gives what came before the end, and only then tells of it', () => {
    const queue = queueOf(1, 2)
    queue.end(new Error('reset'))
    assert.equal(queue.ended, false)
    assert.deepEqual([queue.take(), queue.take()], [1, 2])
    assert.equal(queue.ended, true)
    assert.throws(() => queue.take(), /reset/)
    assert.throws(() => queue.takeAll(), /reset/)
  })

  it('drops what waits and what still comes when it fails; the first error stays', async () => {
    const queue = queueOf(1)
    queue.fail(new Error('first'))
    queue.fail(new Error('second'))
    queue.push(2)
    await queue.wait()
    assert.equal(queue.size, 0)
    assert.throws(() => queue.take(), /first/)
    assert.equal(queue.error?.message, 'first')
  })

  it('takes out the oldest that is of no use, and only one that still waits', () => {
    const queue = queueOf(2, 4, 5, 6)
    queue.take()
    assert.equal(
      queue.drop((item) => item % 2 === 0),
      true,
    )
    assert.deepEqual(queue.takeAll(), [5, 6])
    assert.equal(
      queue.drop(() => true),
      false,
    )
  })
})
