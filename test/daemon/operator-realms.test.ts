/** The operator manages realms by HTTP: one round on a real daemon, over a restart. */
import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Daemon, DaemonHarness } from '../support/daemon.ts'
import { startStub } from '../support/engines/stub-kinds.ts'
import type { StubServer } from '../support/engines/stub-server.ts'

const FILE = `# The rig under the stairs.
node:
  detect: false # it has one engine, named on the command line
  builtin: false

realms: # as in the beginning
  $CHAT: {primary_query_type: chat, min_workers: 1}
  # pictures later
`

interface ListedRealm {
  readonly name: string
  readonly workers: number
  readonly metrics: { readonly queries_processed?: number }
}

describe('realms under the hand of an operator who speaks HTTP', () => {
  const harness = new DaemonHarness()
  let stub: StubServer
  let home: string
  let daemon: Daemon

  const up = (): Promise<Daemon> => harness.up(['--engine', `ollama=${stub.url}`], { home })

  before(async () => {
    stub = await startStub('ollama', { models: ['tiny', 'embedder'], tokens: 2 })
    home = harness.home()
    await mkdir(home, { recursive: true, mode: 0o700 })
    await writeFile(join(home, 'realms.yml'), FILE)
    daemon = await up()
  })

  after(async () => {
    await harness.close()
    await stub.stop()
  })

  async function call(method: string, path: string, body: object | undefined, operator = true): Promise<unknown> {
    const token = (await readFile(join(home, 'data', 'admin.token'), 'utf8')).trim()
    const response = await fetch(`${daemon.http}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(operator && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    assert.equal(response.status, 200, await response.clone().text())
    return await response.json()
  }

  const realms = async (): Promise<readonly ListedRealm[]> => {
    return ((await call('GET', '/api/admin/realms', undefined, false)) as { realms: readonly ListedRealm[] }).realms
  }

  const embed = (): Promise<unknown> => call('POST', '/v1/embeddings', { model: 'embedder', input: 'hello' }, false)

  const text = (): Promise<string> => readFile(join(home, 'realms.yml'), 'utf8')

  it('adds one that serves at once, and is there after a restart with every comment of the file', async () => {
    assert.deepEqual(
      (await realms()).map(({ name, workers }) => [name, workers]),
      [['$CHAT', 1]],
    )
    const made = { name: '$EMBED', primary_query_type: 'embed', config: { max_workers: 2 } }
    const answer = (await call('POST', '/api/admin/realms', made)) as { status: string; lasts: string; file: string }
    assert.deepEqual([answer.status, answer.lasts, answer.file], ['success', 'written', join(home, 'realms.yml')])
    const written = await text()
    for (const line of FILE.split('\n')) assert.ok(written.includes(line), `${line}\n---\n${written}`)

    await embed()
    const served = (await realms()).find(({ name }) => name === '$EMBED')
    assert.equal(served?.metrics.queries_processed, 1)

    await daemon.stop()
    daemon = await up()
    assert.deepEqual(
      (await realms()).map(({ name }) => name),
      ['$CHAT', '$EMBED'],
    )
    await embed()
    assert.equal((await realms()).find(({ name }) => name === '$EMBED')?.metrics.queries_processed, 1)
    assert.equal(await text(), written)
  })

  it('refuses to write over a change by hand, and takes one out once that is read', async () => {
    const byHand = `${await text()}# by hand\n`
    await writeFile(join(home, 'realms.yml'), byHand)
    const cli = (...args: string[]) => harness.output([...args, '--home', home])
    const refused = await cli('realms', 'remove', '$EMBED')
    assert.deepEqual([refused.code, /CONFIG_CHANGED/.test(refused.stderr)], [4, true], refused.stderr)
    assert.equal(await text(), byHand)
    assert.equal((await cli('config', 'reload')).code, 0)
    const removed = await cli('realms', 'remove', '$EMBED')
    assert.deepEqual([removed.code, /\$EMBED is gone; written/.test(removed.stderr)], [0, true], removed.stderr)
    assert.match(await text(), /# by hand\n/)
    assert.ok(!(await text()).includes('$EMBED'))
  })

  it('drains the node and takes that back, without a restart', async () => {
    const chat = () =>
      fetch(`${daemon.http}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'tiny', messages: [{ role: 'user', content: 'hello' }] }),
      }).then((response) => response.status)
    const cli = (...args: string[]) => harness.output([...args, '--home', home])
    assert.equal(await chat(), 200)
    assert.equal((await cli('drain')).code, 0)
    assert.equal(await chat(), 503)
    assert.equal((await cli('undrain')).code, 0)
    assert.equal(await chat(), 200)
  })
})
