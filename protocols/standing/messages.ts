// Generated from the .proto file beside it: npm run generate
// @ts-nocheck: protons does not know exactOptionalPropertyTypes
import { decodeMessage, encodeMessage, message, streamMessage } from 'protons-runtime'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface WireStanding {
  relation: string
}

export const WireStanding = (() => {
  let _codec: Codec<WireStanding>

  const codec = (): Codec<WireStanding> => {
    if (_codec == null) {
      _codec = message<WireStanding>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.relation != null && obj.relation !== '')) {
          w.uint32(10)
          w.string(obj.relation)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          relation: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.relation = reader.string()
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
                field: `${prefix}.relation`,
                value: reader.string()
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

  interface WireStandingRelationFieldEvent {
    field: '$.relation'
    value: string
  }

  function encode (obj: Partial<WireStanding>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, WireStanding.codec())
  }

  function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireStanding>): WireStanding {
    return decodeMessage(buf, WireStanding.codec(), opts)
  }

  function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<WireStanding>): Generator<WireStandingRelationFieldEvent> {
    return streamMessage(buf, WireStanding.codec(), opts)
  }
  return { codec, encode, decode, stream }
})()
