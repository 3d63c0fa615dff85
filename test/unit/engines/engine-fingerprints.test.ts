import assert from 'node:assert/strict'
import { FINGERPRINTS, type Page } from '../../../engines/engine-fingerprints.ts'

const page = (json: object | undefined, { status = 200, text = JSON.stringify(json) ?? '' } = {}): Page => ({
  status,
  text,
  json: json === undefined ? undefined : { ...json },
})

/** The kinds whose page at `path` this is, most specific first. */
function kindsOf(path: string, seen: Page): readonly string[] {
  return FINGERPRINTS.filter((each) => each.path === path && each.matches(seen)).map(({ kind }) => kind)
}

describe('fingerprints', () => {
  const rows: readonly (readonly [path: string, seen: Page, kinds: readonly string[]])[] = [
    ['/', page(undefined, { text: 'Ollama is running\n' }), ['ollama']],
    ['/', page(undefined, { text: 'Ollama is running', status: 404 }), []],
    ['/', page(undefined, { text: 'welcome to nginx' }), []],
    ['/api/extra/version', page({ result: 'KoboldCpp', version: '1.9' }), ['koboldcpp']],
    ['/api/extra/version', page({ result: 'other', version: '1.9' }), []],
    ['/props', page({ default_generation_settings: {} }), ['llama-server']],
    ['/system_stats', page({ system: {}, devices: [] }), ['comfyui']],
    ['/system_stats', page({ system: {} }), []],
    ['/sdapi/v1/options', page({ sd_model_checkpoint: 'x' }), ['automatic1111']],
    ['/sdcpp/v1/capabilities', page({ error: 'Unexpected endpoint' }), []],
    ['/sdcpp/v1/capabilities', page({ samplers: [] }), ['sd-cpp']],
    ['/v1/models', page({ data: [{ id: 'a', owned_by: 'vllm' }] }), ['vllm', 'openai']],
    ['/v1/models', page({ data: [] }), ['openai']],
    ['/v1/models', page({ models: [] }), []],
    ['/info', page({ model_id: 'a', max_total_tokens: 1 }), ['tgi']],
    ['/health', page({ status: 'healthy' }), ['rentahal']],
  ]
  for (const [path, seen, kinds] of rows) {
    it(`take ${seen.text.trim()} (${seen.status}) at ${path} for ${kinds.join(' or ') || 'nothing'}`, () => {
      assert.deepEqual(
        kindsOf(path, seen).filter((kind) => kinds.includes(kind) || kinds.length === 0),
        kinds,
      )
    })
  }

  it('try the plainest kind last, for nearly everything answers as it does', () => {
    assert.equal(FINGERPRINTS.at(-1)?.kind, 'openai')
  })

  it('match no page that failed, whatever is on it', () => {
    const everything = {
      ...{ version: '1', result: 'kobold', default_generation_settings: {}, total_slots: 1, build_info: 'b' },
      ...{ system: {}, devices: [], sd_model_checkpoint: 'x', models: [{ key: 'k' }], model_id: 'm' },
      ...{ data: [{ owned_by: 'vllm', state: 'loaded' }], max_total_tokens: 1, status: 'healthy' },
    }
    const failed = page(everything, { status: 500, text: 'Ollama is running' })
    assert.deepEqual(
      FINGERPRINTS.filter(({ matches }) => matches(failed)).map(({ kind }) => kind),
      [],
    )
  })
})
