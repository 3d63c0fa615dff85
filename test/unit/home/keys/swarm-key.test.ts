import assert from 'node:assert/strict'
import { chmod, writeFile } from 'node:fs/promises'
import { generateKey } from '@libp2p/pnet'
import {
  newSwarmKey,
  parseSwarmKey,
  readSwarmKey,
  swarmKeyText,
  writeSwarmKey,
} from '../../../../home/keys/swarm-key.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

describe('swarm key', () => {
  const folder = temporaryFolder()

  it('is written and read as libp2p and IPFS write it', () => {
    const made = new Uint8Array(95)
    generateKey(made)
    const key = parseSwarmKey(Buffer.from(made).toString())
    assert.ok(key !== undefined)
    assert.equal(swarmKeyText(key), `${Buffer.from(made).toString()}\n`)
    assert.deepEqual(
      parseSwarmKey(
        swarmKeyText(key)
          .toUpperCase()
          .replace(/^.*\n.*\n/, header),
      ),
      key,
    )
    const base64 = `/key/swarm/psk/1.0.0/\r\n/base64/\r\n${Buffer.from(key).toString('base64')}\r\n`
    assert.deepEqual(parseSwarmKey(base64), key)
  })

  it('is none where a line is missing, of another kind, too short, or no text of its kind', () => {
    const whole = swarmKeyText(newSwarmKey())
    const wrong = [
      '',
      'abc',
      whole.replace('1.0.0', '2.0.0'),
      whole.replace('base16', 'bin'),
      whole.slice(0, -5),
      `${whole.trim()}00`,
    ]
    for (const text of [...wrong, whole.replace(/.\n$/, 'g\n')]) assert.equal(parseSwarmKey(text), undefined, text)
  })

  it('comes from the home, or from the file that is named, which must be there', async () => {
    const [swarmKey, named] = [folder.path('swarm.key'), folder.path('named.key')]
    assert.equal(await readSwarmKey({ swarmKey }, undefined), undefined)
    await assert.rejects(readSwarmKey({ swarmKey }, named), { code: 'KEY_FILE_BAD' })
    const [home, other] = [newSwarmKey(), newSwarmKey()]
    await writeSwarmKey(swarmKey, home)
    await writeSwarmKey(named, other)
    assert.deepEqual(await readSwarmKey({ swarmKey }, undefined), home)
    assert.deepEqual(await readSwarmKey({ swarmKey }, named), other)
  })

  it('is refused where others may read it, and where the file holds something else', async () => {
    const swarmKey = folder.path('swarm.key')
    await writeFile(swarmKey, 'something else', { mode: 0o600 })
    await assert.rejects(readSwarmKey({ swarmKey }, undefined), { code: 'KEY_FILE_BAD', fix: /psk/ })
    await writeSwarmKey(swarmKey, newSwarmKey())
    await chmod(swarmKey, 0o644)
    await assert.rejects(readSwarmKey({ swarmKey }, undefined), { code: 'KEY_FILE_LAX' })
  })
})

function header(): string {
  return '/key/swarm/psk/1.0.0/\n/base16/\n'
}
