import assert from 'node:assert/strict'
import { realmForType } from '../../../config/config.ts'
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
    assert.equal(realmForType({ realms }, 'embed')?.name, '$CHAT')
    assert.equal(realmForType(without('$VISION'), 'vision')?.name, '$CHAT')
    assert.equal(realmForType(without('$IMAGINE'), 'imagine'), undefined)
  })
})
