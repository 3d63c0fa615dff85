// Generated from the .proto file beside it: npm run generate
// @ts-nocheck: protons does not know exactOptionalPropertyTypes
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface LoadState {
  seq: number
  at: number
  draining: boolean
  models: LoadOfModel[]
  paused: boolean
  card: number
  total?: LoadTotal
}

export const LoadState = (() => {
  let _codec: Codec<LoadState>

  const codec = (): Codec<LoadState> => {
    if (_codec == null) {
      _codec = message<LoadState>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.seq != null && obj.seq !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.seq)
        }

        if ((obj.at != null && obj.at !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.at)
        }

        if ((obj.draining != null && obj.draining !== false)) {
          w.uint32(24)
          w.bool(obj.draining)
        }

        if (obj.models != null && obj.models.length > 0) {
          for (const value of obj.models) {
            w.uint32(34)
            LoadOfModel.codec().encode(value, w)
          }
        }

        if ((obj.paused != null && obj.paused !== false)) {
          w.uint32(48)
          w.bool(obj.paused)
        }

        if ((obj.card != null && obj.card !== 0)) {
          w.uint32(56)
          w.uint64Number(obj.card)
        }

        if (obj.total != null) {
          w.uint32(66)
          LoadTotal.codec().encode(obj.total, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          seq: 0,
          at: 0,
          draining: false,
          models: [],
          paused: false,
          card: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.seq = reader.uint64Number()
              break
            }
            case 2: {
              obj.at = reader.uint64Number()
              break
            }
            case 3: {
              obj.draining = reader.bool()
              break
            }
            case 4: {
              if (opts.limits?.models != null && obj.models.length === opts.limits.models) {
                throw new MaxLengthError('Decode error - repeated field "models" had too many elements')
              }

              obj.models.push(LoadOfModel.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.models$
              }))
              break
            }
            case 6: {
              obj.paused = reader.bool()
              break
            }
            case 7: {
              obj.card = reader.uint64Number()
              break
            }
            case 8: {
              obj.total = LoadTotal.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.total
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          models: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.seq`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.at`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.draining`,
                value: reader.bool()
              }
              break
            }
            case 4: {
              if (opts.limits?.models != null && obj.models === opts.limits.models) {
                throw new MaxLengthError('Streaming decode error - repeated field "models" had too many elements')
              }

              for (const evt of LoadOfModel.codec().stream(reader, reader.uint32(), `${prefix}.models[]`, {
                limits: opts.limits?.models$
              })) {
                yield {
                  ...evt,
                  index: obj.models
                }
              }

              obj.models++

              break
            }
            case 6: {
              yield {
                field: `${prefix}.paused`,
                value: reader.bool()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.card`,
                value: reader.uint64Number()
              }
              break
            }
            case 8: {
              yield * LoadTotal.codec().stream(reader, reader.uint32(), `${prefix}.total`, {
                limits: opts.limits?.total
              })

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  interface LoadStateSeqFieldEvent {
    field: '$.seq'
    value: number
  }

  interface LoadStateAtFieldEvent {
    field: '$.at'
    value: number
  }

  interface LoadStateDrainingFieldEvent {
    field: '$.draining'
    value: boolean
  }

  interface LoadStateModelsModelFieldEvent {
    field: '$.models[].model'
    value: string
    index: number
  }

  interface LoadStateModelsSlotsFieldEvent {
    field: '$.models[].slots'
    value: number
    index: number
  }

  interface LoadStateModelsRunningFieldEvent {
    field: '$.models[].running'
    value: number
    index: number
  }

  interface LoadStateModelsQueuedFieldEvent {
    field: '$.models[].queued'
    value: number
    index: number
  }

  interface LoadStateModelsEstimatedWaitMsFieldEvent {
    field: '$.models[].estimatedWaitMs'
    value: number
    index: number
  }

  interface LoadStateModelsDecodeRateMilliFieldEvent {
    field: '$.models[].decodeRateMilli'
    value: number
    index: number
  }

  interface LoadStateModelsPrefillRateMilliFieldEvent {
    field: '$.models[].prefillRateMilli'
    value: number
    index: number
  }

  interface LoadStateModelsWarmFieldEvent {
    field: '$.models[].warm'
    value: boolean
    index: number
  }

  interface LoadStatePausedFieldEvent {
    field: '$.paused'
    value: boolean
  }

  interface LoadStateCardFieldEvent {
    field: '$.card'
    value: number
  }

  interface LoadStateTotalSlotsFieldEvent {
    field: '$.total.slots'
    value: number
  }

  interface LoadStateTotalRunningFieldEvent {
    field: '$.total.running'
    value: number
  }

  interface LoadStateTotalQueuedFieldEvent {
    field: '$.total.queued'
    value: number
  }

  function encode (obj: Partial<LoadState>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, LoadState.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LoadState>): LoadState {
    return decodeMessage(buf, LoadState.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LoadState>): Generator<LoadStateSeqFieldEvent | LoadStateAtFieldEvent | LoadStateDrainingFieldEvent | LoadStateModelsModelFieldEvent | LoadStateModelsSlotsFieldEvent | LoadStateModelsRunningFieldEvent | LoadStateModelsQueuedFieldEvent | LoadStateModelsEstimatedWaitMsFieldEvent | LoadStateModelsDecodeRateMilliFieldEvent | LoadStateModelsPrefillRateMilliFieldEvent | LoadStateModelsWarmFieldEvent | LoadStatePausedFieldEvent | LoadStateCardFieldEvent | LoadStateTotalSlotsFieldEvent | LoadStateTotalRunningFieldEvent | LoadStateTotalQueuedFieldEvent> {
    return streamMessage(buf, LoadState.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface LoadTotal {
  slots: number
  running: number
  queued: number
}

export const LoadTotal = (() => {
  let _codec: Codec<LoadTotal>

  const codec = (): Codec<LoadTotal> => {
    if (_codec == null) {
      _codec = message<LoadTotal>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.slots != null && obj.slots !== 0)) {
          w.uint32(8)
          w.uint32(obj.slots)
        }

        if ((obj.running != null && obj.running !== 0)) {
          w.uint32(16)
          w.uint32(obj.running)
        }

        if ((obj.queued != null && obj.queued !== 0)) {
          w.uint32(24)
          w.uint32(obj.queued)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          slots: 0,
          running: 0,
          queued: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.slots = reader.uint32()
              break
            }
            case 2: {
              obj.running = reader.uint32()
              break
            }
            case 3: {
              obj.queued = reader.uint32()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.slots`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.running`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.queued`,
                value: reader.uint32()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  interface LoadTotalSlotsFieldEvent {
    field: '$.slots'
    value: number
  }

  interface LoadTotalRunningFieldEvent {
    field: '$.running'
    value: number
  }

  interface LoadTotalQueuedFieldEvent {
    field: '$.queued'
    value: number
  }

  function encode (obj: Partial<LoadTotal>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, LoadTotal.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LoadTotal>): LoadTotal {
    return decodeMessage(buf, LoadTotal.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LoadTotal>): Generator<LoadTotalSlotsFieldEvent | LoadTotalRunningFieldEvent | LoadTotalQueuedFieldEvent> {
    return streamMessage(buf, LoadTotal.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface LoadOfModel {
  model: string
  slots: number
  running: number
  queued: number
  estimatedWaitMs: number
  decodeRateMilli: number
  prefillRateMilli: number
  warm: boolean
}

export const LoadOfModel = (() => {
  let _codec: Codec<LoadOfModel>

  const codec = (): Codec<LoadOfModel> => {
    if (_codec == null) {
      _codec = message<LoadOfModel>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.model != null && obj.model !== '')) {
          w.uint32(10)
          w.string(obj.model)
        }

        if ((obj.slots != null && obj.slots !== 0)) {
          w.uint32(16)
          w.uint32(obj.slots)
        }

        if ((obj.running != null && obj.running !== 0)) {
          w.uint32(24)
          w.uint32(obj.running)
        }

        if ((obj.queued != null && obj.queued !== 0)) {
          w.uint32(32)
          w.uint32(obj.queued)
        }

        if ((obj.estimatedWaitMs != null && obj.estimatedWaitMs !== 0)) {
          w.uint32(40)
          w.uint32(obj.estimatedWaitMs)
        }

        if ((obj.decodeRateMilli != null && obj.decodeRateMilli !== 0)) {
          w.uint32(48)
          w.uint32(obj.decodeRateMilli)
        }

        if ((obj.prefillRateMilli != null && obj.prefillRateMilli !== 0)) {
          w.uint32(56)
          w.uint32(obj.prefillRateMilli)
        }

        if ((obj.warm != null && obj.warm !== false)) {
          w.uint32(64)
          w.bool(obj.warm)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          model: '',
          slots: 0,
          running: 0,
          queued: 0,
          estimatedWaitMs: 0,
          decodeRateMilli: 0,
          prefillRateMilli: 0,
          warm: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.model = reader.string()
              break
            }
            case 2: {
              obj.slots = reader.uint32()
              break
            }
            case 3: {
              obj.running = reader.uint32()
              break
            }
            case 4: {
              obj.queued = reader.uint32()
              break
            }
            case 5: {
              obj.estimatedWaitMs = reader.uint32()
              break
            }
            case 6: {
              obj.decodeRateMilli = reader.uint32()
              break
            }
            case 7: {
              obj.prefillRateMilli = reader.uint32()
              break
            }
            case 8: {
              obj.warm = reader.bool()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.model`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.slots`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.running`,
                value: reader.uint32()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.queued`,
                value: reader.uint32()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.estimatedWaitMs`,
                value: reader.uint32()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.decodeRateMilli`,
                value: reader.uint32()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.prefillRateMilli`,
                value: reader.uint32()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.warm`,
                value: reader.bool()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  interface LoadOfModelModelFieldEvent {
    field: '$.model'
    value: string
  }

  interface LoadOfModelSlotsFieldEvent {
    field: '$.slots'
    value: number
  }

  interface LoadOfModelRunningFieldEvent {
    field: '$.running'
    value: number
  }

  interface LoadOfModelQueuedFieldEvent {
    field: '$.queued'
    value: number
  }

  interface LoadOfModelEstimatedWaitMsFieldEvent {
    field: '$.estimatedWaitMs'
    value: number
  }

  interface LoadOfModelDecodeRateMilliFieldEvent {
    field: '$.decodeRateMilli'
    value: number
  }

  interface LoadOfModelPrefillRateMilliFieldEvent {
    field: '$.prefillRateMilli'
    value: number
  }

  interface LoadOfModelWarmFieldEvent {
    field: '$.warm'
    value: boolean
  }

  function encode (obj: Partial<LoadOfModel>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, LoadOfModel.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LoadOfModel>): LoadOfModel {
    return decodeMessage(buf, LoadOfModel.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LoadOfModel>): Generator<LoadOfModelModelFieldEvent | LoadOfModelSlotsFieldEvent | LoadOfModelRunningFieldEvent | LoadOfModelQueuedFieldEvent | LoadOfModelEstimatedWaitMsFieldEvent | LoadOfModelDecodeRateMilliFieldEvent | LoadOfModelPrefillRateMilliFieldEvent | LoadOfModelWarmFieldEvent> {
    return streamMessage(buf, LoadOfModel.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()
