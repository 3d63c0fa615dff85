import assert from 'node:assert/strict'
import { parseAmdSmi, parseRocmSmi } from '../../../../../workers/owner/gpu/parse-amd-smi.ts'

const MIB = 1024 ** 2

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
