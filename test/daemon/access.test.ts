/** Who may use a real daemon: the limits of a key over a restart, and TLS with a certificate that is renewed. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { join } from 'node:path'
import { connect, type PeerCertificate } from 'node:tls'
import type { KeyRow } from '../../bin/commands/node/key-table.ts'
import { putCertificate } from '../support/certificates.ts'
import { type Daemon, DaemonHarness, eventually } from '../support/daemon.ts'

describe('a key with limits', () => {
  const harness = new DaemonHarness()
  after(() => harness.close())

  it('is held to them over a restart, until its owner changes them', async () => {
    let daemon = await harness.up()
    const cli = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await harness.output([...args, '--home', daemon.home])
      assert.equal(code, 0, stderr)
      return stdout.trim()
    }
    const key = await cli('keys', 'add', 'guest', '--tokens-per-day', '1')
    const ask = async (): Promise<Response> =>
      await fetch(`${daemon.http}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'What is realmesh?' }] }),
      })
    const first = await ask()
    assert.equal(first.status, 200, await first.text())
    assert.equal((await ask()).status, 429)
    assert.equal((await daemon.stop()).code, 0)

    daemon = await harness.up([], { home: daemon.home })
    const refused = await ask()
    assert.equal(refused.status, 429)
    assert.ok(Number(refused.headers.get('retry-after')) > 0)
    const [listed] = (JSON.parse(await cli('keys', 'list', '--json')) as { keys: KeyRow[] }).keys
    assert.ok((listed?.usage?.tokensToday ?? 0) > 1)
    await cli('keys', 'change', 'guest', '--tokens-per-day', 'none')
    assert.equal((await ask()).status, 200)
  })
})

describe('a daemon that speaks TLS', () => {
  const harness = new DaemonHarness()
  after(() => harness.close())

  async function shown(daemon: Daemon): Promise<PeerCertificate> {
    const port = Number(new URL(daemon.http).port)
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    const certificate = socket.getPeerCertificate()
    socket.destroy()
    return certificate
  }

  it('is reached by its commands before and after its certificate is renewed, by SIGHUP and by itself', async () => {
    const home = harness.home()
    const files = { cert: join(home, 'tls.crt'), key: join(home, 'tls.key') }
    await putCertificate(files, 'one')
    const daemon = await harness.up(['--tls-cert', files.cert, '--tls-key', files.key], { home })
    assert.match(daemon.http, /^https:/)
    const answers = async (): Promise<void> => {
      const { code, stdout, stderr } = await harness.output(['models', '--home', home])
      assert.deepEqual([code, /builtin\/guide/.test(stdout)], [0, true], stderr)
    }
    await answers()
    const first = (await shown(daemon)).fingerprint256
    await putCertificate(files, 'two')
    daemon.child.kill('SIGHUP')
    await eventually('the other certificate is shown', async () => (await shown(daemon)).fingerprint256 !== first)
    await answers()
    await putCertificate(files, 'one')
    await eventually('the first one is shown again', async () => (await shown(daemon)).fingerprint256 === first)
    await answers()
    assert.equal((await daemon.stop()).code, 0)
  })
})
