/** Bans and ended queries over a real daemon's doors: what the client of an OpenAI program is told. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Daemon, DaemonHarness, eventually } from '../support/daemon.ts'
import { startStub } from '../support/engines/stub-kinds.ts'
import type { StubServer } from '../support/engines/stub-server.ts'

describe('a user of a daemon', () => {
  const harness = new DaemonHarness()
  let stub: StubServer
  let home: string
  let daemon: Daemon

  const start = async (): Promise<void> => {
    daemon = await harness.up(['--no-builtin', '--engine', `ollama=${stub.url}`], { home })
  }

  before(async () => {
    // The answer stops after two tokens: what ends it is the operator.
    stub = await startStub('ollama', { models: ['tiny'], pauseAfter: 2 })
    home = harness.home()
    await writeFile(join(home, 'realms.yml'), 'user_data: {reserve: 0, history: true}\n')
    await start()
  })

  after(async () => {
    await harness.close()
    await stub.stop()
  })

  async function act(name: string, body: object = {}): Promise<Record<string, unknown>> {
    const token = (await readFile(join(home, 'data', 'admin.token'), 'utf8')).trim()
    const response = await fetch(`${daemon.http}/api/admin/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    })
    const reply = (await response.json()) as Record<string, unknown>
    assert.equal(response.status, 200, JSON.stringify(reply))
    return reply
  }

  const ask = async (more: object = {}): Promise<{ status: number; text: string }> => {
    const response = await fetch(`${daemon.http}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'tiny', messages: [{ role: 'user', content: 'hello' }], ...more }),
    })
    return { status: response.status, text: await response.text() }
  }

  interface Listed {
    readonly id: string
    readonly user: string
    readonly state: string
  }

  const running = async (): Promise<readonly Listed[]> =>
    ((await act('queries/list'))['queries'] as Listed[]).filter(({ state }) => state === 'running')

  const oneRuns = () => eventually('a query runs', async () => (await running()).length === 1)

  const freed = () => eventually('nothing runs any more', async () => (await running()).length === 0)

  it('is told that the operator ended a query, whole or streamed', async () => {
    for (const stream of [false, true]) {
      const asked = ask({ stream })
      await oneRuns()
      const [query] = await running()
      assert.equal((await act('queries/terminate', { id: query?.id ?? '' }))['terminated'], 1)
      const { status, text } = await asked
      if (stream) assert.match(text, /"code":"terminated"/)
      else assert.deepEqual([status, JSON.parse(text).error.code], [403, 'terminated'])
      await freed()
    }
    const { queries } = await act('users/history', { guid: 'local', limit: 5 })
    assert.deepEqual(
      (queries as { outcome: string; cost: number }[]).map(({ outcome, cost }) => [outcome, cost]),
      [
        ['TERMINATED', 0],
        ['TERMINATED', 0],
      ],
    )
  })

  it('is shut out at once, with what runs, over a restart, and is let in again', async () => {
    const asked = ask()
    await oneRuns()
    const [query] = await running()
    assert.equal((await act('users/ban', { guid: query?.user ?? '' }))['banned'], true)
    const { status, text } = await asked
    assert.deepEqual([status, JSON.parse(text).error.code], [403, 'user_banned'])
    assert.equal((await ask()).status, 403)
    await daemon.stop()
    await start()
    assert.equal((await ask()).status, 403)
    assert.equal((await fetch(`${daemon.http}/v1/models`)).status, 403)
    await act('users/unban', { guid: 'local' })
    const again = ask()
    await oneRuns()
    assert.equal((await act('queries/terminate', { user: 'local' }))['terminated'], 1)
    assert.equal((await again).status, 403)
  })
})
