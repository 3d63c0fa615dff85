/**
 * Makes a YAML text say something else, and leaves alone what it says already: comments, order, quotes and blanks of
 * every other line. Pure: text in, text out. Nothing is trusted: what comes out is read again and held against what was
 * wanted.
 */
import { isDeepStrictEqual } from 'node:util'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { readYaml } from '../yaml/read-yaml.ts'
import { NotSpliced, splicedStep } from './spliced-step.ts'
import { type ValueStep, valueSteps } from './value-steps.ts'
import { parseText } from './yaml-text.ts'

/**
 * `text`, which can be read, saying `wanted` instead of what it says: a map, with undefined for what is not there.
 * Comments inside of what goes go with it. Throws `CONFIG_INVALID` for a text that only a person can change, such as
 * one that says two things by one anchor.
 */
export function rewriteText(text: string, wanted: object): string {
  const before = readYaml(text).value
  const steps = valueSteps(before ?? {}, withoutUndefined(wanted))
  const edited = steps.reduce(takeStep, text)
  const after = readYaml(edited)
  if (after.problems.length === 0 && says(after.value, wanted)) return edited
  throw new RealmeshError('CONFIG_INVALID', 'the file is written in a way that no program can change safely', {
    fix: 'change it by hand, or write it without anchors and aliases first: realmesh config edit',
  })
}

/** By splicing, or, where that does not do, through the library, which keeps comments but not all blanks. */
function takeStep(text: string, step: ValueStep): string {
  try {
    const edited = splicedStep(text, step)
    if (readYaml(edited).problems.length === 0) return edited
  } catch (cause) {
    if (!(cause instanceof NotSpliced)) throw cause
  }
  return throughLibrary(text, step)
}

function throughLibrary(text: string, step: ValueStep): string {
  const document = parseText(text)
  try {
    if (step.kind === 'remove') document.deleteIn(step.path)
    else if (step.kind === 'append') document.addIn(step.path, document.createNode(step.value))
    else document.setIn(step.path, document.createNode(step.value))
  } catch {
    return text // there is no map or list there, but an alias: the text does not say then what was wanted
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

function says(read: unknown, wanted: object): boolean {
  return isDeepStrictEqual(withoutUndefined(read ?? {}), withoutUndefined(wanted))
}

/** Plain values, without keys that stand for nothing. */
function withoutUndefined(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
