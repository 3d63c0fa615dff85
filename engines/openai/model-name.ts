/** The name that a model has among nodes. Engines that were given a file call the model by its path, which says where its owner keeps things. */

const PATH = /^(?:[/~]|\.\.?[/\\]|[a-z]:[/\\])/i
const GGUF = /\.gguf$/i
/** `-00001-of-00003`: the first of several files. */
const SHARD = /-\d{5}-of-\d{5}$/

/** The engine's own name, or the base name of the file or folder where that is a path. */
export function modelName(id: string): string {
  if (!PATH.test(id) && !GGUF.test(id)) return id
  const base = id.split(/[/\\]/).findLast((part) => part !== '') ?? id
  return base.replace(GGUF, '').replace(SHARD, '')
}
