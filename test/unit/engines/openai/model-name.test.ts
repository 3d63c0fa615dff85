import assert from 'node:assert/strict'
import { modelName } from '../../../../engines/openai/model-name.ts'

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
