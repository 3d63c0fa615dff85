import assert from 'node:assert/strict'
import { parseNvidiaProcesses, parseNvidiaSmi } from '../../../../../workers/owner/gpu/parse-nvidia-smi.ts'

const MIB = 1024 ** 2

describe('parseNvidiaSmi', () => {
  it('reads every figure with its unit', () => {
    assert.deepEqual(parseNvidiaSmi('0, NVIDIA GeForce RTX 4090, 24564, 1024, 37, 61, 320.45\n'), [
      {
        index: 0,
        name: 'NVIDIA GeForce RTX 4090',
        vendor: 'nvidia',
        memoryTotalBytes: 24_564 * MIB,
        memoryUsedBytes: 1_024 * MIB,
        utilizationPercent: 37,
        temperatureC: 61,
        powerW: 320.45,
      },
    ])
  })

  for (const missing of ['[N/A]', 'N/A', '[Not Supported]', '[Unknown Error]', '']) {
    it(`leaves out what a card does not tell: "${missing}"`, () => {
      const line = ['0', 'Tesla K80', '11441', missing, missing, '40', missing].join(', ')
      assert.deepEqual(parseNvidiaSmi(line), [
        { index: 0, name: 'Tesla K80', vendor: 'nvidia', memoryTotalBytes: 11_441 * MIB, temperatureC: 40 },
      ])
    })
  }

  it('reads several cards, Windows line ends and a comma in a name', () => {
    const csv = '0, Quadro, Special, 8192, 0, 0, 30, 10\r\n1, A100, 40960, 1, 2, 3, 4\r\n'
    assert.deepEqual(
      parseNvidiaSmi(csv).map(({ index, name }) => [index, name]),
      [
        [0, 'Quadro, Special'],
        [1, 'A100'],
      ],
    )
  })

  for (const words of [
    '',
    'No devices were found\n',
    'NVIDIA-SMI has failed, because, it, could, not, talk, to, the driver',
  ]) {
    it(`finds no card in ${JSON.stringify(words)}`, () => {
      assert.deepEqual(parseNvidiaSmi(words), [])
    })
  }
})

describe('parseNvidiaProcesses', () => {
  it('gives names without folders, and none that it may not see', () => {
    const csv = '/usr/local/bin/ollama\nC:\\Games\\game.exe\n[Insufficient Permissions]\n\n'
    assert.deepEqual(parseNvidiaProcesses(csv), ['ollama', 'game.exe'])
  })
})
