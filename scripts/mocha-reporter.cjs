// What `scripts/test.mjs` hears of one run of mocha: the file named by the reporter option `summary` gets the counts
// and what failed, with why. With the option `list=no` a test is a dot, else a line.
const { writeFileSync } = require('node:fs')
const { reporters, Runner } = require('mocha')
const { failureLines } = require('./failure-lines.cjs')

const { EVENT_RUN_END, EVENT_TEST_FAIL } = Runner.constants

/**
 * How long the process may go on behind the last test: what still holds it then was left open, by a test that failed or
 * by the code.
 */
const LINGER_MS = 15_000

module.exports = class SummaryReporter extends reporters.Base {
  constructor(runner, options) {
    super(runner, options)
    const { summary, list } = options.reporterOptions
    const Shown = list === 'no' ? reporters.Dot : reporters.Spec
    new Shown(runner, options)
    const failures = []
    runner.on(EVENT_TEST_FAIL, (test, error) => {
      const took = test.duration === undefined ? '' : ` (${(test.duration / 1_000).toFixed(1)} s)`
      failures.push({ title: `${test.fullTitle()}${took}`, why: failureLines(error) })
    })
    const write = () => {
      const { passes, pending } = this.stats
      writeFileSync(summary, JSON.stringify({ passed: passes, failures, skipped: pending }))
    }
    runner.once(EVENT_RUN_END, () => {
      write()
      setTimeout(() => {
        failures.push({ title: 'left open behind the last test', why: [process.getActiveResourcesInfo().join(', ')] })
        write()
        process.exit()
      }, LINGER_MS).unref()
    })
  }
}
