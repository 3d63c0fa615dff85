import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import type { WorkerConfig } from '../../../../config/schema/worker-schema.ts'
import { limitsUse, planConfigured, planEngine, planWorker } from '../../../../node/roster/worker-plan.ts'
import { rosterConfig } from '../../../support/roster-bench.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const URL_1 = 'http://127.0.0.1:1'

/** A worker as realms.yml would give it. */
function worker(lines: object = {}): WorkerConfig {
  const [only] = rosterConfig({ workers: [{ name: 'desk', engine: 'ollama', url: URL_1, ...lines }] }).workers
  return only ?? assert.fail('no worker')
}

describe('planWorker', () => {
  const folder = temporaryFolder()

  it('takes over what the owner says; what is empty means all', async () => {
    const { settings, spec } = await planWorker(
      worker({ slots: 2, weight: 3, models: ['tiny*'], realms: ['$CHAT'], idle_only: true, min_vram_free: '1 GiB' }),
    )
    assert.deepEqual(spec, { kind: 'ollama', url: URL_1 })
    assert.deepEqual(
      { ...settings },
      {
        name: 'desk',
        slots: 2,
        weight: 3,
        models: { allow: ['tiny*'] },
        realms: ['$CHAT'],
        pool: undefined,
        scope: undefined,
        schedule: undefined,
        idleOnly: true,
        minVramFreeBytes: 2 ** 30,
        maxTemperatureC: undefined,
      },
    )
    const plain = (await planWorker(worker())).settings
    assert.deepEqual([plain.models, plain.realms], [undefined, undefined])
  })

  it('keeps an engine that is paid for to its owner, unless they say otherwise', async () => {
    const env = { KEY: 'secret' }
    const keyed = { key_env: 'KEY' }
    assert.equal((await planWorker(worker(keyed), env)).settings.scope, 'local')
    assert.equal((await planWorker(worker({ ...keyed, scope: 'friends' }), env)).settings.scope, 'friends')
    const cloud = worker({ engine: 'anthropic', url: undefined, ...keyed })
    assert.equal((await planWorker(cloud, env)).settings.scope, 'local')
  })

  it('reads the key from the environment or from a file that is the owner’s alone', async () => {
    const path = folder.path('key')
    await writeFile(path, ' from the file\n', { mode: 0o600 })
    assert.equal((await planWorker(worker({ key_env: 'KEY' }), { KEY: 'k' })).spec.apiKey, 'k')
    assert.equal((await planWorker(worker({ key_file: path }))).spec.apiKey, 'from the file')
  })

  it('says which variable, or which file, has no key', async () => {
    const path = folder.path('key')
    const asked = [worker({ key_env: 'KEY' }), worker({ key_file: path })] as const
    for (const env of [{}, { KEY: '' }]) {
      await assert.rejects(planWorker(asked[0], env), { code: 'CONFIG_INVALID', message: /KEY is not set/ })
    }
    await assert.rejects(planWorker(asked[1]), { code: 'KEY_FILE_BAD', message: new RegExp(path) })
    await writeFile(path, 'k', { mode: 0o640 })
    await assert.rejects(planWorker(asked[1]), { code: 'KEY_FILE_LAX', fix: `chmod 600 ${path}` })
  })

  it('tells a model file from what lay there before, and plans one that is not there yet', async () => {
    const path = folder.path('tiny.gguf')
    const llama = worker({ engine: 'llama', url: `file://${path}` })
    const missing = (await planWorker(llama)).identity
    await writeFile(path, 'weights')
    const there = (await planWorker(llama)).identity
    assert.notDeepEqual(missing, there)
    assert.deepEqual((await planWorker(llama)).identity, there)
    await writeFile(path, 'other weights')
    assert.notDeepEqual((await planWorker(llama)).identity, there)
  })
})

describe('planEngine', () => {
  const names: readonly (readonly [url: string, name: string])[] = [
    ['http://127.0.0.1:11434', 'ollama-11434'],
    ['http://localhost:11434', 'ollama-11434'],
    ['http://rig.example:11434', 'ollama-rig.example:11434'],
    ['http://localhost', 'ollama'],
    ['', 'ollama'],
    ['no address', 'ollama'],
  ]
  for (const [url, name] of names) {
    it(`names the engine at "${url}" ${name}`, async () => {
      assert.equal((await planEngine({ kind: 'ollama', url })).settings.name, name)
    })
  }

  it('names a model file by the model', async () => {
    const { settings } = await planEngine({ kind: 'llama', url: 'file:///models/tiny-q4.gguf' })
    assert.equal(settings.name, 'llama-tiny-q4')
  })
})

describe('planConfigured', () => {
  it('plans what can be used, and says of the rest why it cannot', async () => {
    const { named, addressed, builtin, unusable } = await planConfigured(
      rosterConfig({
        workers: [
          { name: 'bad', engine: 'ollama', url: URL_1, key_env: 'NO_SUCH_VARIABLE_OF_REALMESH' },
          { name: 'good', engine: 'ollama', url: 'http://127.0.0.1:2' },
        ],
        node: { engines: ['vllm=http://127.0.0.1:3'] },
      }),
    )
    assert.deepEqual(
      [named, addressed, builtin].map((plans) => plans.map(({ settings }) => settings.name)),
      [['good'], ['vllm-3'], []],
    )
    assert.deepEqual(
      unusable.map(({ name, engine, url }) => [name, engine, url]),
      [['bad', 'ollama', URL_1]],
    )
    assert.match(unusable[0]?.reason ?? '', /NO_SUCH_VARIABLE_OF_REALMESH is not set: set it/)
  })
})

describe('limitsUse', () => {
  const limits: readonly object[] = [
    { slots: 1 },
    { scope: 'friends' },
    { schedule: 'sat,sun' },
    { idle_only: true },
    { max_temperature: 80 },
    { min_vram_free: '1 GiB' },
    { models: ['tiny'] },
    { realms: ['$CHAT'] },
    { key_env: 'KEY' },
  ]
  for (const lines of limits) {
    it(`sees a limit in ${JSON.stringify(lines)}`, () => {
      assert.equal(limitsUse(worker(lines)), true)
    })
  }

  it('sees none in a name, an address and a weight', () => {
    assert.equal(limitsUse(worker({ weight: 2 })), false)
  })
})
