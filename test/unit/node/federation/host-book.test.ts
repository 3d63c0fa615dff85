import assert from 'node:assert/strict'
import { chmod, writeFile } from 'node:fs/promises'
import { type HostConfig, hostSchema, resolveHosts } from '../../../../config/schema/host-schema.ts'
import { type Logger, silentLogger } from '../../../../core/logger.ts'
import { MAX_HOST_SERVICES } from '../../../../node/api/federation.ts'
import { HostBook, hashToken, MAX_NOTED_HOSTS } from '../../../../node/federation/host-book.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const TOKEN = 'a-token-of-some-length'

describe('HostBook', () => {
  const folder = temporaryFolder()

  function book() {
    const clock = new ManualClock()
    const told: string[] = []
    const keep = (_fields: object, message: string): void => void told.push(message)
    const log: Logger = { ...silentLogger, info: keep, warn: keep }
    return { book: new HostBook({ log, clock }), clock, told }
  }

  async function hosts(...rows: readonly object[]): Promise<readonly HostConfig[]> {
    await writeFile(folder.path('token'), `${TOKEN}\n`, { mode: 0o600 })
    return resolveHosts(
      rows.map((row) => hostSchema.parse(row)),
      [],
      folder.path(),
    )
  }

  const GARAGE = { name: 'garage', url: 'http://me:secret@10.0.0.2:5000/', token_file: 'token' }
  const told = { federationId: 'federation_g', callbackUrl: 'http://127.0.0.1:1', services: {} }

  it('knows a host by its token, where the host may ask', async () => {
    const { book: kept } = book()
    await kept.list(await hosts(GARAGE))
    assert.equal(kept.byToken(hashToken(TOKEN))?.name, 'garage')
    assert.equal(kept.byToken(hashToken(`${TOKEN} `)), undefined)
    await kept.list(await hosts({ ...GARAGE, direction: 'out' }))
    assert.equal(kept.byToken(hashToken(TOKEN)), undefined)
  })

  it('lets none in whose token others could read, or could guess, and says so', async () => {
    const { book: kept, told: lines } = book()
    const list = await hosts(GARAGE)
    await chmod(folder.path('token'), 0o644)
    await kept.list(list)
    assert.equal(kept.byToken(hashToken(TOKEN)), undefined)
    await writeFile(folder.path('token'), 'short')
    await chmod(folder.path('token'), 0o600)
    await kept.list(list)
    assert.equal(kept.byToken(hashToken('short')), undefined)
    assert.equal(lines.length, 2)
    assert.doesNotMatch(lines.join(), /short|a-token/)
  })

  it('tells others of a listed host by the address that the owner wrote, without its password', async () => {
    const { book: kept } = book()
    await kept.list(await hosts(GARAGE, { name: 'shed', url: 'http://10.0.0.3:5000' }))
    const [garage, shed] = [{ name: 'garage' }, { name: 'shed' }].map(
      (host) => ({ ...host, relation: 'friend', federationId: undefined }) as const,
    )
    assert.ok(garage !== undefined && shed !== undefined)
    kept.heard(garage, told)
    assert.deepEqual(kept.others(shed), [{ ...told, callbackUrl: 'http://10.0.0.2:5000' }])
    assert.deepEqual(kept.others(garage), [], 'not to itself')
    assert.deepEqual(kept.named(['federation_g']), ['garage'])
    kept.learn('shed', 'federation_s')
    assert.deepEqual(kept.named(['federation_s', 'federation_x']), ['shed'])
    await kept.list([])
    assert.deepEqual([kept.others(shed), kept.named(['federation_g', 'federation_s'])], [[], []])
  })

  it('notes no more hosts than its bound, in short words, and tells the log once a minute', () => {
    const { book: kept, clock, told: lines } = book()
    for (let i = 0; i < 3 * MAX_NOTED_HOSTS; i += 1) {
      const rows = Array.from({ length: 100 }, (_, n) => [`t${n}`, { realm: 'x'.repeat(10_000), workers: 1 }])
      kept.note(
        { federationId: `f-${i}\u001b[31m`, callbackUrl: 'u'.repeat(10_000), services: Object.fromEntries(rows) },
        '10.0.0.9',
      )
    }
    const noted = kept.noted()
    assert.equal(noted.length, MAX_NOTED_HOSTS)
    assert.equal(noted[0]?.federationId.startsWith(`f-${3 * MAX_NOTED_HOSTS - 1}`), true, 'the latest first')
    assert.ok(JSON.stringify(noted[0]).length < 256 * (MAX_HOST_SERVICES + 4))
    assert.doesNotMatch(JSON.stringify(noted), /\\u001b/)
    assert.equal(lines.length, 1)
    clock.advance(60_000)
    kept.note(told, '10.0.0.9')
    assert.equal(lines.length, 2)
  })
})
