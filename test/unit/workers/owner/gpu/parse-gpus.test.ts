import assert from 'node:assert/strict'
import { parseAmdSmi, parseRocmSmi } from '../../../../../workers/owner/gpu/parse-amd-smi.ts'
import { parseNvidiaProcesses, parseNvidiaSmi } from '../../../../../workers/owner/gpu/parse-nvidia-smi.ts'
import { parseSystemProfiler } from '../../../../../workers/owner/gpu/parse-system-profiler.ts'

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

describe('parseAmdSmi', () => {
  const card = {
    gpu: 0,
    usage: { gfx_activity: { value: 12, unit: '%' } },
    power: { socket_power: { value: 55, unit: 'W' } },
    temperature: { edge: { value: 48, unit: 'C' }, hotspot: { value: 60, unit: 'C' } },
    mem_usage: { total_vram: { value: 16_368, unit: 'MB' }, used_vram: { value: 200, unit: 'MB' } },
  }
  const expected = {
    index: 0,
    name: 'AMD GPU',
    vendor: 'amd',
    memoryTotalBytes: 16_368 * MIB,
    memoryUsedBytes: 200 * MIB,
    utilizationPercent: 12,
    temperatureC: 48,
    powerW: 55,
  }

  it('reads a list, and the same under gpu_data', () => {
    assert.deepEqual(parseAmdSmi(JSON.stringify([card])), [expected])
    assert.deepEqual(parseAmdSmi(JSON.stringify({ gpu_data: [card] })), [expected])
  })

  it('leaves out what is N/A or missing', () => {
    const poor = { gpu: 1, usage: { gfx_activity: 'N/A' }, temperature: { edge: 'N/A', hotspot: { value: 60 } } }
    assert.deepEqual(parseAmdSmi(JSON.stringify([poor])), [
      { index: 1, name: 'AMD GPU', vendor: 'amd', temperatureC: 60 },
    ])
  })

  it('finds nothing in other JSON', () => {
    for (const json of ['{}', 'null', '1', '[]']) assert.deepEqual(parseAmdSmi(json), [])
  })
})

describe('parseRocmSmi', () => {
  it('reads its labels, all of them text', () => {
    const json = JSON.stringify({
      card1: {
        'GPU use (%)': '99',
        'VRAM Total Memory (B)': '17163091968',
        'VRAM Total Used Memory (B)': '345',
        'Temperature (Sensor edge) (C)': '71.0',
        'Temperature (Sensor junction) (C)': '80.0',
        'Average Graphics Package Power (W)': '203.0',
        'Card series': 'Radeon RX 7900',
      },
      system: { driver: 'x' },
    })
    assert.deepEqual(parseRocmSmi(json), [
      {
        index: 1,
        name: 'Radeon RX 7900',
        vendor: 'amd',
        memoryTotalBytes: 17_163_091_968,
        memoryUsedBytes: 345,
        utilizationPercent: 99,
        temperatureC: 71,
        powerW: 203,
      },
    ])
  })

  it('finds nothing in other JSON', () => {
    for (const json of ['{}', 'null', '{"card0":null}']) {
      assert.deepEqual(
        parseRocmSmi(json)
          .map(({ powerW }) => powerW)
          .filter(Boolean),
        [],
      )
    }
  })
})

describe('parseSystemProfiler', () => {
  it('reads names, and memory of cards that have their own', () => {
    const json = JSON.stringify({
      SPDisplaysDataType: [{ sppci_model: 'Apple M2' }, { _name: 'AMD Radeon Pro', spdisplays_vram: '8 GB' }, null],
    })
    assert.deepEqual(parseSystemProfiler(json), [
      { index: 0, name: 'Apple M2', vendor: 'apple' },
      { index: 1, name: 'AMD Radeon Pro', vendor: 'apple', memoryTotalBytes: 8 * 1024 ** 3 },
    ])
  })

  it('finds nothing in other JSON', () => {
    for (const json of ['{}', 'null', '[]']) assert.deepEqual(parseSystemProfiler(json), [])
  })
})
