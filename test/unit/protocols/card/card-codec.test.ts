import assert from 'node:assert/strict'
import type { Model } from '../../../../core/model/model.ts'
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

  it('leave out a model that serves no type that is known here, however many types there are: the rest is told', () => {
    const [first] = cardContent().models
    assert.ok(first !== undefined)
    const later = Array.from({ length: 30 }, (_, i) => `type${i}` as never)
    const named = (name: string, types: Model['types']) => ({ ...first, model: { ...first.model, name, types } })
    const models = [named('sings', later), named('both', [...later, 'speak']), named('chats', ['chat'])]
    const opened = decodeCard(encodeCard(cardContent({ models })))
    assert.deepEqual(
      opened.models.map(({ model }) => [model.name, model.types]),
      [
        ['both', ['speak']],
        ['chats', ['chat']],
      ],
    )
  })

  it('say that the node may be named in public only where its owner wants it, with a contact of bounded length', () => {
    assert.equal(decodeCard(encodeCard(cardContent())).listing, undefined)
    const contact = `anna\n${'x'.repeat(300)}`
    const { listing } = decodeCard(encodeCard(cardContent({ listing: { contact } })))
    assert.equal(listing?.contact, `anna ${'x'.repeat(123)}`)
  })

  it('name voices, so many that the card stays within its size', () => {
    const [first] = cardContent().models
    assert.ok(first !== undefined)
    const voices = Array.from({ length: 200 }, (_, i) => `voice ${i}\n${'x'.repeat(100)}`)
    const models = ['a', 'b', 'c', 'd'].map((name) => ({ ...first, model: { ...first.model, name, voices } }))
    const told = decodeCard(encodeCard(cardContent({ models }))).models.map(({ model }) => model.voices ?? [])
    assert.deepEqual(
      told.map(({ length }) => length),
      [128, 128, 0, 0],
    )
    assert.equal(told[0]?.[0], `voice 0 ${'x'.repeat(56)}`)
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

  it('leave out a model whose name no peer would take, and a context that is none: the rest is still told', () => {
    const [first] = cardContent().models
    assert.ok(first !== undefined)
    const named = (name: string) => ({ ...first, model: { ...first.model, name } })
    const sized = (contextLength: number) => ({ ...first, model: { ...first.model, name: 'm', contextLength } })
    const models = [named('ok'), named(''), named('a\u001b[2J'), named('x'.repeat(201)), named(' a')]
    const opened = decodeCard(encodeCard(cardContent({ models })))
    assert.deepEqual(
      opened.models.map(({ model }) => model.name),
      ['ok'],
    )
    const sizes = [-5, 0, Number.NaN, Number.POSITIVE_INFINITY, 4096.7, 1e300].map(sized)
    const told = decodeCard(encodeCard(cardContent({ models: sizes }))).models
    assert.deepEqual(
      told.map(({ model }) => model.contextLength),
      [undefined, undefined, undefined, undefined, 4096, 0xffff_ffff],
    )
  })

  it('carry no control characters in what people read', () => {
    const { label, version } = decodeCard(encodeCard(cardContent({ label: 'a\u001b[31mb\n', version: '1\r\n2' })))
    assert.deepEqual([label, version], ['a [31mb', '1 2'])
  })
})
