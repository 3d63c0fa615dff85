// Generated from the .proto file beside it: npm run generate
// @ts-nocheck: protons does not know exactOptionalPropertyTypes
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface WireReachQuestion {
  ports: number[]
}

export const WireReachQuestion = (() => {
  let _codec: Codec<WireReachQuestion>

  const codec = (): Codec<WireReachQuestion> => {
    if (_codec == null) {
      _codec = message<WireReachQuestion>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.ports != null && obj.ports.length > 0) {
          for (const value of obj.ports) {
            w.uint32(8)
            w.uint32(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          ports: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.ports != null && obj.ports.length === opts.limits.ports) {
                throw new MaxLengthError('Decode error - repeated field "ports" had too many elements')
              }

              obj.ports.push(reader.uint32())
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
          ports: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.ports != null && obj.ports === opts.limits.ports) {
                throw new MaxLengthError('Streaming decode error - repeated field "ports" had too many elements')
              }

              yield {
                field: `${prefix}.ports[]`,
                index: obj.ports,
                value: reader.uint32()
              }

              obj.ports++

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

  interface WireReachQuestionPortsFieldEvent {
    field: '$.ports[]'
    index: number
    value: number
  }

  function encode (obj: Partial<WireReachQuestion>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireReachQuestion.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireReachQuestion>): WireReachQuestion {
    return decodeMessage(buf, WireReachQuestion.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireReachQuestion>): Generator<WireReachQuestionPortsFieldEvent> {
    return streamMessage(buf, WireReachQuestion.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()

export interface WireReachAnswer {
  seen: string
  tried: boolean
  port: number
}

export const WireReachAnswer = (() => {
  let _codec: Codec<WireReachAnswer>

  const codec = (): Codec<WireReachAnswer> => {
    if (_codec == null) {
      _codec = message<WireReachAnswer>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.seen != null && obj.seen !== '')) {
          w.uint32(10)
          w.string(obj.seen)
        }

        if ((obj.tried != null && obj.tried !== false)) {
          w.uint32(16)
          w.bool(obj.tried)
        }

        if ((obj.port != null && obj.port !== 0)) {
          w.uint32(24)
          w.uint32(obj.port)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          seen: '',
          tried: false,
          port: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.seen = reader.string()
              break
            }
            case 2: {
              obj.tried = reader.bool()
              break
            }
            case 3: {
              obj.port = reader.uint32()
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
                field: `${prefix}.seen`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.tried`,
                value: reader.bool()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.port`,
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

  interface WireReachAnswerSeenFieldEvent {
    field: '$.seen'
    value: string
  }

  interface WireReachAnswerTriedFieldEvent {
    field: '$.tried'
    value: boolean
  }

  interface WireReachAnswerPortFieldEvent {
    field: '$.port'
    value: number
  }

  function encode (obj: Partial<WireReachAnswer>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireReachAnswer.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireReachAnswer>): WireReachAnswer {
    return decodeMessage(buf, WireReachAnswer.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireReachAnswer>): Generator<WireReachAnswerSeenFieldEvent | WireReachAnswerTriedFieldEvent | WireReachAnswerPortFieldEvent> {
    return streamMessage(buf, WireReachAnswer.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()
