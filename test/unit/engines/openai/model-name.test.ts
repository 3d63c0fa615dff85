import assert from 'node:assert/strict'
import { guessCapabilities, guessTypes, modelName } from '../../../../engines/openai/model-name.ts'

describe('the name of a model', () => {
  const names: Readonly<Record<string, string>> = {
    'llama3.2:3b': 'llama3.2:3b',
    'Qwen/Qwen2.5-7B-Instruct': 'Qwen/Qwen2.5-7B-Instruct',
    'meta-llama/Llama-3:groq': 'meta-llama/Llama-3:groq',
    '/home/me/private/tiny.Q4_K_M.gguf': 'tiny.Q4_K_M',
    'models/smollm2-135m.gguf': 'smollm2-135m',
    './tiny.gguf': 'tiny',
    'tiny.GGUF': 'tiny',
    '~/models/big-00001-of-00003.gguf': 'big',
    'C:\\Users\\me\\models\\tiny.gguf': 'tiny',
    '/srv/models/Qwen2.5-7B/': 'Qwen2.5-7B',
  }
  for (const [id, name] of Object.entries(names)) {
    it(`of ${id} is ${name}`, () => assert.equal(modelName(id), name))
  }
})

describe('guesses by name', () => {
  const table: readonly [string, readonly string[], boolean][] = [
    ['nomic-embed-text', ['embed'], false],
    ['BAAI/bge-m3', ['embed'], false],
    ['llava:13b', ['chat', 'vision'], false],
    ['Qwen2.5-VL-7B-Instruct', ['chat', 'vision'], false],
    ['deepseek-r1:8b', ['chat'], true],
    ['llama3.1:8b', ['chat'], false],
    ['openai/whisper-large-v3', ['transcribe'], false],
    ['Systran/faster-distil-whisper-small.en', ['transcribe'], false],
    ['nvidia/parakeet-tdt-0.6b-v2', ['transcribe'], false],
    ['gpt-4o-transcribe', ['transcribe'], false],
    ['tts-1-hd', ['speak'], false],
    ['kokoro', ['speak'], false],
    ['gpt-4o-mini-tts', ['speak'], false],
    ['mistralai/Voxtral-Mini-3B-2507', ['chat'], false],
  ]
  for (const [name, types, reasoning] of table) {
    it(`takes ${name} for ${types.join(' and ')}${reasoning ? ' with reasoning' : ''}`, () => {
      const capabilities = guessCapabilities(name, true)
      assert.deepEqual(guessTypes(name, capabilities.vision), types)
      assert.equal(capabilities.reasoning, reasoning)
    })
  }
})
