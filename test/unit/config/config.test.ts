import assert from 'node:assert/strict'
import { type RealmeshConfig, realmForType, standingRealms } from '../../../config/config.ts'
import { defaultConfig } from '../../support/default-config.ts'

describe('realmForType', () => {
  const { realms } = defaultConfig()
  const without = (name: string) => ({ realms: realms.filter((realm) => realm.name !== name) })

  it('is the first realm that names the type as its own', () => {
    const [chat] = realms
    assert.ok(chat !== undefined)
    assert.equal(realmForType({ realms: [...realms, { ...chat, name: '$SECOND' }] }, 'chat')?.name, '$CHAT')
    assert.equal(realmForType({ realms }, 'imagine')?.name, '$IMAGINE')
  })

  it('is the chat realm for vectors and pictures that have none, and none for drawing', () => {
    for (const type of ['embed', 'rerank', 'tokens'] as const) {
      assert.equal(realmForType({ realms }, type)?.name, '$CHAT')
    }
    assert.equal(realmForType(without('$VISION'), 'vision')?.name, '$CHAT')
    assert.equal(realmForType(without('$IMAGINE'), 'imagine'), undefined)
  })
})

describe('standingRealms', () => {
  const { realms } = defaultConfig()
  const [chat] = realms
  const named = (config: Pick<RealmeshConfig, 'realms'>): readonly string[] =>
    standingRealms(config).map(({ name, primaryQueryType, minWorkers }) => `${name} ${primaryQueryType} ${minWorkers}`)

  it('are one for hearing and one for speaking, until the file names a realm for it', () => {
    assert.ok(chat !== undefined)
    assert.deepEqual(named({ realms }), ['$HEAR transcribe 1', '$SPEAK speak 1'])
    const ears = { ...chat, name: '$EARS', primaryQueryType: 'transcribe' } as const
    assert.deepEqual(named({ realms: [...realms, ears] }), ['$SPEAK speak 1'])
    assert.deepEqual(named({ realms: [...realms, { ...chat, name: '$SPEAK' }] }), ['$HEAR transcribe 1'])
  })

  it('take recordings, of strangers too', () => {
    const [hear, speak] = standingRealms({ realms })
    assert.deepEqual(
      [hear, speak].map((realm) => [realm?.limits.promptBytes, realm?.strangerLimits.promptBytes]),
      [
        [25 * 2 ** 20, 25 * 2 ** 20],
        [2 ** 20, 2 ** 18],
      ],
    )
  })
})
