// mocha's spec reporter, which also writes the counts to the file named by the reporter option `summary`.
const { writeFileSync } = require('node:fs')
const { reporters, Runner } = require('mocha')

module.exports = class SummaryReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options)
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats
      writeFileSync(
        options.reporterOptions.summary,
        JSON.stringify({ passed: passes, failed: failures, skipped: pending }),
      )
    })
  }
}
