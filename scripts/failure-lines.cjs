// Why a test failed, in a few lines: they stand at the end of the gate's output, which may be all that is kept of it.
const { sep } = require('node:path')
const { reporters } = require('mocha')

/** Lines of a message or a difference that are shown: a node's whole status may be compared. */
const MAX_LINES = 16
const MAX_COLUMNS = 200
/** Causes behind an error. */
const MAX_CAUSES = 3

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what starts a colour
const COLOUR = /\u001b\[[0-9;]*m/g

/**
 * The error's name, code and message, what fixes it, its causes, the difference between what was expected and what was
 * there unless the message tells it, and where: the first line of ours, and the first of a test.
 */
function failureLines(error) {
  if (!(error instanceof Error) && typeof error?.message !== 'string') return cut(`thrown: ${String(error)}`)
  return [
    ...cut(headOf(error)),
    ...(error.fix === undefined ? [] : cut(`fix: ${error.fix}`)),
    ...causesOf(error).flatMap((cause) => cut(`caused by ${headOf(cause)}`)),
    ...(error.generatedMessage === false && 'expected' in error ? cut(differenceOf(error)) : []),
    ...placesOf(error),
  ]
}

/** The name is the stack's: of an error that another process hands on the rest is lost. */
function headOf({ stack = '', name = 'Error', code, message }) {
  return `${/^[A-Z]\w*/.exec(stack)?.[0] ?? name}${code === undefined ? '' : ` [${code}]`}: ${message}`
}

function causesOf({ cause }) {
  const causes = []
  for (let each = cause; each?.message !== undefined && causes.length < MAX_CAUSES; each = each.cause) causes.push(each)
  return causes
}

function differenceOf({ actual, expected }) {
  const shown = (value) => (typeof value === 'string' ? value : JSON.stringify(value, undefined, 2))
  return reporters.Base.generateDiff(shown(actual), shown(expected))
}

function placesOf({ stack = '' }) {
  const ours = stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && !/node:|node_modules/.test(line))
    .map((line) =>
      line
        .trim()
        .replace('file://', '')
        .replace(process.cwd() + sep, ''),
    )
  const places = [ours[0], ours.find((line) => /\btest[\\/]/.test(line))]
  return [...new Set(places.filter((place) => place !== undefined))]
}

/** The first lines, without colours and empty ones. */
function cut(text) {
  const lines = text
    .replaceAll(COLOUR, '')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
  const first = lines
    .slice(0, MAX_LINES)
    .map((line) => (line.length > MAX_COLUMNS ? `${line.slice(0, MAX_COLUMNS)}…` : line))
  return lines.length > MAX_LINES ? [...first, `… ${lines.length - MAX_LINES} more lines`] : first
}

module.exports = { failureLines, cut, MAX_LINES }
