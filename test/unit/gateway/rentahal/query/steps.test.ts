import assert from 'node:assert/strict'
import { MAX_PROMPT_BYTES } from '../../../../../core/query/prompt-size.ts'
import { MAX_AUDIO_BYTES } from '../../../../../core/query/query-limits.ts'
import { type RentAHalQuery, rentAHalQuerySchema } from '../../../../../gateway/rentahal/query/query-schema.ts'
import { hearPlan, planOf } from '../../../../../gateway/rentahal/query/steps.ts'

const query = (more: object = {}): RentAHalQuery =>
  rentAHalQuerySchema.parse({ prompt: 'hi', query_type: 'chat', ...more })
const nothing = (): undefined => undefined

describe('the plan of a query of RENT-A-HAL', () => {
  const typesOf = (more: object): readonly string[] => planOf(query(more), nothing).steps.map((step) => step('x').type)

  it('is a query for each thing that is to be done', () => {
    const audio = Buffer.from('sound').toString('base64')
    assert.deepEqual(typesOf({}), ['chat'])
    assert.deepEqual(typesOf({ query_type: 'vision' }), ['chat'])
    assert.deepEqual(typesOf({ query_type: 'imagine' }), ['imagine'])
    assert.deepEqual(typesOf({ query_type: 'imagine', model_type: 'speech' }), ['imagine'])
    assert.deepEqual(typesOf({ model_type: 'speech' }), ['chat', 'speak'])
    assert.deepEqual(typesOf({ query_type: 'speech', audio }), ['transcribe', 'chat'])
    assert.deepEqual(typesOf({ query_type: 'speech', model_type: 'speech', audio }), ['transcribe', 'chat', 'speak'])
  })

  it('asks a model that is called so and does it, for a picture one that sees', () => {
    const asked: string[] = []
    const plan = planOf(query({ query_type: 'vision', image: 'QUJD', model_name: 'llava' }), (name, type) => {
      asked.push(`${name} ${type}`)
      return 'llava:7b'
    })
    assert.deepEqual([plan.steps[0]('').model, asked, plan.left], ['llava:7b', ['llava vision'], []])
  })

  it('tells which fields have no effect', () => {
    assert.deepEqual(planOf(query({ image: 'QUJD', audio: 'QUJD' }), nothing).left, ['audio', 'image'])
    assert.deepEqual(planOf(query({ model_type: 'huggingface', model_name: 'gpt2' }), nothing).left, [
      'model_type',
      'model_name',
    ])
  })

  it('is none for a type that no realm takes, nor for one of a prototype', () => {
    for (const type of ['taste', 'constructor', '__proto__', '']) {
      assert.throws(() => planOf(query({ query_type: type }), nothing), { code: 'NO_WORKER', retryable: false })
    }
  })

  it('is none for too much, too little, or no picture', () => {
    const long = { prompt: 'x'.repeat(MAX_PROMPT_BYTES) }
    assert.throws(() => planOf(query(long), nothing), { code: 'PROMPT_TOO_LARGE' })
    assert.throws(() => planOf(query({ query_type: 'speech' }), nothing), { param: 'audio' })
    assert.throws(() => planOf(query({ query_type: 'vision', image: '!' }), nothing), { param: 'image' })
    assert.throws(() => hearPlan('no sound!'), { param: 'audio' })
    assert.throws(() => hearPlan('A'.repeat(Math.ceil((MAX_AUDIO_BYTES + 3) / 3) * 4)), { param: 'audio' })
  })
})
