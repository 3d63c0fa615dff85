import assert from 'node:assert/strict'
import { decodeCard, encodeCard } from '../../../../protocols/card/card-codec.ts'
import { cardContent } from '../../../support/card.ts'

describe('the bytes of a card', () => {
  it('pass over types of query that are not known here', () => {
    const [first] = cardContent().models
    assert.ok(first !== undefined)
    const card = cardContent({
      realms: [...cardContent().realms, { name: '$SING', queryType: 'sing' as never }],
      models: [{ ...first, model: { ...first.model, types: ['chat', 'sing' as never] } }],
    })
    const opened = decodeCard(encodeCard(card))
    assert.deepEqual(opened.realms, cardContent().realms)
    assert.deepEqual(opened.models[0]?.model.types, ['chat'])
  })

  const wrong: Record<string, Parameters<typeof cardContent>[0]> = {
    'a share that is none': { share: 'everyone' as never },
    'a realm that is none': { realms: [{ name: '<script>', queryType: 'chat' }] },
    'an address that is none': { addresses: ['http://10.0.0.1'] },
    'an endless address': { addresses: [`/dns4/${'x'.repeat(300)}`] },
  }
  for (const [what, fields] of Object.entries(wrong)) {
    it(`with ${what} are refused`, () => {
      assert.throws(() => decodeCard(encodeCard(cardContent(fields))), { code: 'PROTOCOL_ERROR' })
    })
  }

  it('carry no control characters in what people read', () => {
    const { label, version } = decodeCard(encodeCard(cardContent({ label: 'a\u001b[31mb\n', version: '1\r\n2' })))
    assert.deepEqual([label, version], ['a [31mb', '1 2'])
  })
})
