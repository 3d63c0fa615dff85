/** Files with a mistake in a worker. Each row is one file in test/fixtures/config. */
import { describeBroken } from '../../../support/broken-config.ts'

describeBroken('workers', [
  ['worker-duplicate', 3, 12, 'workers[1].name', 'a second worker named a', 'names are unique'],
  [
    'worker-engine',
    3,
    13,
    'workers[0].engine',
    '"olama": expected one of ollama, openai, llama-server, vllm, …',
    'did you mean ollama?',
  ],
  [
    'worker-is-map',
    2,
    3,
    'workers',
    'expected a list, got a section of keys',
    'write a list: [a, b], or one "- item" per line',
  ],
  [
    'worker-key-env',
    5,
    14,
    'workers[0].key_env',
    'expected the name of a variable, not the key itself',
    'write it like OPENAI_API_KEY',
  ],
  ['worker-no-url', 2, 5, 'workers[0].url', "missing: expected the engine's address", 'add the key url'],
  ['worker-pool', 2, 64, 'workers[0].pool', 'there is no pool fast', 'this file names no pool'],
  [
    'worker-schedule',
    5,
    15,
    'workers[0].schedule',
    '"at night": expected hours',
    'write it like mon-fri 18:00-08:00; sat,sun',
  ],
  ['worker-slots', 5, 12, 'workers[0].slots', 'expected a number, got "many"', 'write digits'],
  ['worker-two-keys', 6, 15, 'workers[0].key_file', 'key_env and key_file are both given', 'keep one of the two'],
])
