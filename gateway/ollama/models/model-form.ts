/** A model of the swarm in Ollama's words. */
import { createHash } from 'node:crypto'
import { defined } from '../../../core/defined.ts'
import type { Model } from '../../../core/model/model.ts'
import type { ListedModel } from '../../../node/api/node-api.ts'

/** With its tag: programs for Ollama take names apart at the colon. */
function taggedName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).includes(':') ? name : `${name}:latest`
}

/** Weights of which nobody tells more than a name; Ollama's own program cuts a digest to twelve characters. */
function digestOf({ name, digest }: Model): string {
  return digest ?? `name:${createHash('sha256').update(name).digest('hex')}`
}

/** What is known of the weights; programs want each of these to be text. */
export function detailsOf({ family = '', parameterSize, quantization }: Model): object {
  return {
    parent_model: '',
    format: '',
    family,
    families: family === '' ? [] : [family],
    parameter_size: parameterSize ?? '',
    quantization_level: quantization ?? '',
  }
}

/** Ollama's words for what a model can do. */
export function capabilitiesOf({ types, capabilities }: Model): readonly string[] {
  const can: Readonly<Record<string, boolean>> = {
    completion: types.includes('chat'),
    vision: types.includes('vision') || capabilities.vision,
    tools: capabilities.tools,
    thinking: capabilities.reasoning,
    insert: capabilities.infill === true,
    embedding: types.includes('embed'),
    image: types.includes('imagine'),
  }
  return Object.keys(can).filter((word) => can[word])
}

/** Where it is computed, as Ollama tells it of models that are not on its own machine: the peer ids. */
export function placeOf({ model, nodes, local }: ListedModel): object {
  return local ? {} : { remote_model: model.name, remote_host: nodes.join(', ') }
}

/** What every list says of a model. `size`: the mesh does not know it, and programs want a number. */
export function listEntry(listed: ListedModel): object {
  const { model } = listed
  const name = taggedName(model.name)
  return {
    name,
    model: name,
    size: 0,
    digest: digestOf(model),
    details: detailsOf(model),
    capabilities: capabilitiesOf(model),
    ...placeOf(listed),
  }
}

/** What the engine tells of the inside. Programs look for the context under the name of the architecture. */
export function modelInfo({ family = 'unknown', contextLength }: Model): object {
  return {
    'general.architecture': family,
    ...defined({ [`${family}.context_length`]: contextLength }),
  }
}
