// Writes a tiny GGUF that the real llama.cpp loads: a Markov chain of words in the shape of a llama model,
// deterministic at temperature 0. A truthful self-test without any download. Use: node scripts/make-tiny-gguf.mjs
// FILE.gguf [--loop]
import { writeFileSync } from 'node:fs'
import process from 'node:process'
import { pathToFileURL } from 'node:url'

/** Every word occurs once, so that each has exactly one successor. */
export const TEXT =
  'a realm answers when its workers have room ; otherwise the router asks another node that offers this model , streams every token back home and writes down who served . nothing about you leaves unless somebody opened that door on purpose .'

const TYPE = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 }
const TOKEN = { normal: 1, unknown: 2, control: 3, byte: 6 }
const ALIGNMENT = 32
const HEADS = 8
const LAYERS = 1
const FEED_FORWARD = 128
const SPACE = '\u2581'
const TEMPLATE =
  "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}"

function u32(value) {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function u64(value) {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

function string(text) {
  const bytes = Buffer.from(text, 'utf8')
  return Buffer.concat([u64(bytes.length), bytes])
}

const WRITE = {
  [TYPE.u32]: u32,
  [TYPE.i32]: (value) => {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32LE(value)
    return bytes
  },
  [TYPE.f32]: (value) => {
    const bytes = Buffer.alloc(4)
    bytes.writeFloatLE(value)
    return bytes
  },
  [TYPE.bool]: (value) => Buffer.from([value ? 1 : 0]),
  [TYPE.string]: string,
}

const entry = (key, type, value) => Buffer.concat([string(key), u32(type), WRITE[type](value)])
const list = (key, type, values) =>
  Buffer.concat([string(key), u32(TYPE.array), u32(type), u64(values.length), ...values.map(WRITE[type])])

/**
 * What a word is merged from, letter by letter, when a prompt is read: without these a word in a prompt would stay
 * letters.
 */
function beginnings(words) {
  const all = words.flatMap((word) => Array.from(word, (_, i) => SPACE + word.slice(0, i + 1)))
  const whole = new Set(words.map((word) => SPACE + word))
  return [...new Set(all)].filter((piece) => !whole.has(piece))
}

/** Pieces, scores and types of the vocabulary: specials, bytes, printable characters, beginnings of words, words. */
function vocabulary(words) {
  const rows = [
    ['<unk>', 0, TOKEN.unknown],
    ['<s>', 0, TOKEN.control],
    ['</s>', 0, TOKEN.control],
  ]
  for (let byte = 0; byte < 256; byte += 1) {
    rows.push([`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`, 0, TOKEN.byte])
  }
  for (let code = 32; code <= 126; code += 1) {
    rows.push([code === 32 ? SPACE : String.fromCharCode(code), -1000 - code, TOKEN.normal])
  }
  for (const [i, piece] of beginnings(words).entries()) rows.push([piece, -100 - i, TOKEN.normal])
  const firstWord = rows.length
  for (const [i, word] of words.entries()) rows.push([SPACE + word, -i, TOKEN.normal])
  return { rows, firstWord }
}

/** For each token the one that follows: words in their order, everything else points at the first word. */
function successors(rows, firstWord, loop) {
  return rows.map((_, token) => {
    if (token < firstWord) return firstWord
    return token + 1 < rows.length ? token + 1 : loop ? firstWord : 2
  })
}

function zeros(count) {
  return new Float32Array(count)
}

function ones(count) {
  return new Float32Array(count).fill(1)
}

function tensors(D, V, next) {
  const embedding = zeros(D * V)
  const output = zeros(D * V)
  for (let token = 0; token < V; token += 1) {
    embedding[token * D + token] = 1
    // The norm scales a one-hot by the root of D; 12 is far above every other logit, which is 0.
    output[next[token] * D + token] = 12 / Math.sqrt(D)
  }
  const all = [['token_embd.weight', [D, V], embedding]]
  for (let n = 0; n < LAYERS; n += 1) {
    all.push([`blk.${n}.attn_norm.weight`, [D], ones(D)])
    for (const name of ['attn_q', 'attn_k', 'attn_v', 'attn_output']) {
      all.push([`blk.${n}.${name}.weight`, [D, D], zeros(D * D)])
    }
    all.push([`blk.${n}.ffn_norm.weight`, [D], ones(D)])
    all.push([`blk.${n}.ffn_gate.weight`, [D, FEED_FORWARD], zeros(D * FEED_FORWARD)])
    all.push([`blk.${n}.ffn_up.weight`, [D, FEED_FORWARD], zeros(D * FEED_FORWARD)])
    all.push([`blk.${n}.ffn_down.weight`, [FEED_FORWARD, D], zeros(D * FEED_FORWARD)])
  }
  all.push(['output_norm.weight', [D], ones(D)], ['output.weight', [D, V], output])
  return all
}

function padding(length) {
  return Buffer.alloc((ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT)
}

/** The bytes of the file. `loop`: the last word leads back to the first, so that an answer ends only by its limit. */
export function tinyGguf({ text = TEXT, loop = false, contextLength = 4096 } = {}) {
  const words = [...new Set(text.split(/\s+/).filter(Boolean))]
  const { rows, firstWord } = vocabulary(words)
  const V = rows.length
  const D = Math.ceil(V / 32) * 32
  const meta = [
    entry('general.architecture', TYPE.string, 'llama'),
    entry('general.name', TYPE.string, 'realmesh-tiny'),
    entry('general.alignment', TYPE.u32, ALIGNMENT),
    entry('general.file_type', TYPE.u32, 0),
    entry('llama.context_length', TYPE.u32, contextLength),
    entry('llama.embedding_length', TYPE.u32, D),
    entry('llama.block_count', TYPE.u32, LAYERS),
    entry('llama.feed_forward_length', TYPE.u32, FEED_FORWARD),
    entry('llama.attention.head_count', TYPE.u32, HEADS),
    entry('llama.attention.head_count_kv', TYPE.u32, HEADS),
    entry('llama.rope.dimension_count', TYPE.u32, D / HEADS),
    entry('llama.vocab_size', TYPE.u32, V),
    entry('llama.attention.layer_norm_rms_epsilon', TYPE.f32, 1e-6),
    entry('llama.rope.freq_base', TYPE.f32, 10_000),
    entry('tokenizer.ggml.model', TYPE.string, 'llama'),
    entry('tokenizer.ggml.pre', TYPE.string, 'default'),
    list(
      'tokenizer.ggml.tokens',
      TYPE.string,
      rows.map(([piece]) => piece),
    ),
    list(
      'tokenizer.ggml.scores',
      TYPE.f32,
      rows.map(([, score]) => score),
    ),
    list(
      'tokenizer.ggml.token_type',
      TYPE.i32,
      rows.map(([, , type]) => type),
    ),
    entry('tokenizer.ggml.bos_token_id', TYPE.u32, 1),
    entry('tokenizer.ggml.eos_token_id', TYPE.u32, 2),
    entry('tokenizer.ggml.unknown_token_id', TYPE.u32, 0),
    entry('tokenizer.ggml.add_bos_token', TYPE.bool, true),
    entry('tokenizer.ggml.add_eos_token', TYPE.bool, false),
    entry('tokenizer.chat_template', TYPE.string, TEMPLATE),
  ]
  const weights = tensors(D, V, successors(rows, firstWord, loop))
  const infos = []
  const data = []
  let offset = 0
  for (const [name, dims, values] of weights) {
    infos.push(Buffer.concat([string(name), u32(dims.length), ...dims.map(u64), u32(0), u64(offset)]))
    const bytes = Buffer.from(values.buffer)
    const pad = padding(bytes.length)
    data.push(bytes, pad)
    offset += bytes.length + pad.length
  }
  const head = Buffer.concat([Buffer.from('GGUF'), u32(3), u64(weights.length), u64(meta.length), ...meta, ...infos])
  return Buffer.concat([head, padding(head.length), ...data])
}

/** What a model of `text` answers at temperature 0. */
export function tinyAnswer(text = TEXT) {
  return [...new Set(text.split(/\s+/).filter(Boolean))].join(' ')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [file, flag] = process.argv.slice(2)
  if (file === undefined) {
    console.error('use: node scripts/make-tiny-gguf.mjs FILE.gguf [--loop]')
    process.exit(2)
  }
  writeFileSync(file, tinyGguf({ loop: flag === '--loop' }))
}
