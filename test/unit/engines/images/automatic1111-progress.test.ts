import assert from 'node:assert/strict'
import type { EngineRequest } from '../../../../engines/http/http-client.ts'
import { statusError } from '../../../../engines/http/http-errors.ts'
import { A1111Progress } from '../../../../engines/images/automatic1111-progress.ts'

const never = new AbortController().signal
const TASK = { id: 'task(rm1)', idleBefore: true }

/** A page as the engine gives it, or the status with which it refuses. */
type Page = object | number

/** An engine of these pages, which remembers what it was asked. */
function engine(pages: Readonly<Record<string, Page | (() => Page)>>) {
  const asked: string[] = []
  const json = async ({ path }: EngineRequest): Promise<unknown> => {
    const name = path.split('?')[0] ?? path
    asked.push(name)
    const page = pages[name]
    const given = typeof page === 'function' ? page() : (page ?? 404)
    if (typeof given === 'number') throw statusError('automatic1111', given, {}, { detail: 'Not Found' })
    return given
  }
  const bytes = async (request: EngineRequest): Promise<Buffer> => Buffer.from(String(await json(request)))
  return { http: { engine: 'automatic1111', json, bytes }, asked }
}

const jobs = (count: number): object => ({ progress: 0.5, state: { job_count: count } })
const progressOf = ({ http }: ReturnType<typeof engine>): A1111Progress => new A1111Progress({ http }, { pollMs: 1 })

describe('A1111Progress', () => {
  it('asks for the job by its name', async () => {
    const png = Buffer.from('89504e470d0a1a0a', 'hex').toString('base64')
    const page = { active: true, progress: 1.5, live_preview: `data:image/png;base64,${png}` }
    const { state, fraction, preview } = await progressOf(engine({ '/internal/progress': page })).look(TASK, never)
    assert.deepEqual([state, fraction, preview?.mediaType], ['running', 1, 'image/png'])
  })

  it('passes no preview on that is as large as a picture', async () => {
    const page = { queued: true, live_preview: 'A'.repeat(600_000) }
    const seen = await progressOf(engine({ '/internal/progress': page })).look(TASK, never)
    assert.deepEqual(seen, { state: 'waiting', fraction: 0 })
  })

  for (const status of [404, 405, 422]) {
    it(`guesses where the page of names is refused with ${status}, as old versions do`, async () => {
      const old = engine({ '/internal/progress': status, '/sdapi/v1/progress': jobs(1) })
      assert.deepEqual(await progressOf(old).look(TASK, never), { state: 'running', fraction: 0.5 })
      assert.equal((await progressOf(old).look({ ...TASK, idleBefore: false }, never)).state, 'unknown')
      const idle = engine({ '/internal/progress': status, '/sdapi/v1/progress': jobs(0) })
      assert.equal((await progressOf(idle).look(TASK, never)).state, 'gone')
    })
  }

  for (const status of [401, 500, 503]) {
    it(`does not guess where the engine refuses everything with ${status}`, async () => {
      const broken = engine({ '/internal/progress': status, '/sdapi/v1/progress': jobs(1) })
      await assert.rejects(progressOf(broken).look(TASK, never))
      assert.deepEqual(broken.asked, ['/internal/progress'])
    })
  }

  it('interrupts the engine when the job runs, and only then', async () => {
    const states = [{ queued: true }, { active: true }]
    let done = (): void => {}
    const interrupted = new Promise<void>((resolve) => {
      done = resolve
    })
    const busy = engine({
      '/internal/progress': () => states.shift() ?? {},
      '/sdapi/v1/interrupt': () => {
        done()
        return {}
      },
    })
    progressOf(busy).stop(TASK)
    await interrupted
    assert.deepEqual(busy.asked, ['/internal/progress', '/internal/progress', '/sdapi/v1/interrupt'])
  })
})
