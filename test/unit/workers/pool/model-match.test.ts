import assert from 'node:assert/strict'
import type { Model } from '../../../../core/model/model.ts'
import type { Asker } from '../../../../core/scope.ts'
import { type MatchRules, matchModel, namedModels } from '../../../../workers/pool/model-match.ts'
import type { QueryNeeds } from '../../../../workers/pool/query-needs.ts'
import { ModelTable } from '../../../../workers/worker/model-table.ts'
import { fakeModel } from '../../../support/fake-engine.ts'

const PLAIN: QueryNeeds = { type: 'chat', capabilities: [], promptTokens: 10 }
const NO_RULES: MatchRules = { realm: undefined, worker: undefined }

function table(...models: readonly Model[]): ModelTable {
  const made = new ModelTable({})
  made.offer(models)
  return made
}

function match(
  models: ModelTable,
  wanted: string,
  more: { needs?: QueryNeeds; rules?: MatchRules; asker?: Asker } = {},
) {
  const { needs = PLAIN, rules = NO_RULES, asker = 'own' } = more
  const found = matchModel(models, wanted, needs, rules, asker)
  if (found.kind === 'fit') return found.model.name
  return found.kind === 'misfit' ? found.misfit.code : 'none'
}

describe('matchModel', () => {
  const sees = fakeModel('sees', { capabilities: { ...fakeModel('x').capabilities, vision: true } })
  const vision: QueryNeeds = { ...PLAIN, capabilities: ['vision'] }

  it('gives the model that was named and never another', () => {
    const models = table(fakeModel('tiny'), fakeModel('large'))
    assert.equal(match(models, 'Large:latest'), 'large')
    assert.equal(match(models, 'huge'), 'none')
  })

  it('says what the named model lacks', () => {
    assert.equal(match(table(fakeModel('tiny')), 'tiny', { needs: vision }), 'CAPABILITY_MISSING')
    assert.equal(match(table(fakeModel('v', { types: ['embed'] })), 'v'), 'CAPABILITY_MISSING')
    const short = table(fakeModel('tiny', { contextLength: 100 }))
    assert.equal(match(short, 'tiny', { needs: { ...PLAIN, promptTokens: 1_000 } }), 'CONTEXT_TOO_LONG')
  })

  it('for auto gives one that fits, in memory first, and says what all of them lack', () => {
    const models = table(fakeModel('cold'), fakeModel('warm'), sees)
    models.report({ warmModels: ['warm'] })
    assert.equal(match(models, 'auto'), 'warm')
    assert.equal(match(models, 'auto', { needs: vision }), 'sees')
    assert.equal(match(table(fakeModel('tiny')), 'auto', { needs: vision }), 'CAPABILITY_MISSING')
    assert.equal(match(table(fakeModel('v', { types: ['embed'] })), 'auto'), 'none')
  })

  it('keeps to what the realm allows', () => {
    const rules: MatchRules = { ...NO_RULES, realm: { deny: ['large'] } }
    const models = table(fakeModel('large'), fakeModel('tiny'))
    assert.equal(match(models, 'large', { rules }), 'none')
    assert.equal(match(models, 'auto', { rules }), 'tiny')
  })

  it('follows an alias for this node and its own others: the realm’s before the worker’s', () => {
    const rules: MatchRules = {
      realm: { aliases: { best: 'large' } },
      worker: { aliases: { best: 'tiny', small: 'tiny' } },
    }
    const models = table(fakeModel('tiny'), fakeModel('large'))
    assert.deepEqual(
      (['own', 'home', 'friend', 'stranger'] as const).map((asker) => match(models, 'best', { rules, asker })),
      ['large', 'large', 'none', 'none'],
    )
    assert.equal(match(models, 'small', { rules }), 'tiny')
  })

  it('takes a model’s own name before an alias of the same spelling', () => {
    const rules: MatchRules = { ...NO_RULES, realm: { aliases: { tiny: 'large' } } }
    assert.equal(match(table(fakeModel('tiny'), fakeModel('large')), 'tiny', { rules }), 'tiny')
  })
})

describe('namedModels', () => {
  const rules: MatchRules = {
    realm: { deny: ['raw'], aliases: { best: 'large', ghost: 'nothing', tiny: 'large', hidden: 'raw' } },
    worker: undefined,
  }
  const models = table(fakeModel('tiny'), fakeModel('large'), fakeModel('raw'))

  it('lists models under their own names, and aliases that lead to one which may be used', () => {
    assert.deepEqual(
      namedModels(models, rules, 'home').map(({ name, model }) => [name, model.name]),
      [
        ['tiny', 'tiny'],
        ['large', 'large'],
        ['best', 'large'],
      ],
    )
  })

  it('lists no alias to others', () => {
    assert.deepEqual(
      namedModels(models, rules, 'friend').map(({ name }) => name),
      ['tiny', 'large'],
    )
  })
})
