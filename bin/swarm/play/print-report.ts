/** A play's report as lines for people. Pure. */
import type { MeshState } from './mesh-check.ts'
import type { EndCounts, FaultReport, Latencies, PlayReport } from './play-report.ts'

export function reportLines(report: PlayReport): readonly string[] {
  const { counts, doubled, continued, hedged, reasons, frames } = report
  const share = counts.asked === 0 ? '' : ` (${((100 * counts.well) / counts.asked).toFixed(2)} %)`
  return [
    ...(report.about === undefined ? [] : [report.about]),
    `engines     ${report.engines}`,
    `joined      ${meshText(report.joined)}`,
    `queries     ${counts.asked} asked, ${counts.accepted} accepted`,
    `  well      ${counts.well}${share}`,
    `  wrong     ${counts.wrong}`,
    `  error     ${counts.error}`,
    `  lost      ${counts.lost}`,
    `  doubled   ${doubled}`,
    `continued   ${continued}    hedged ${hedged}`,
    ...Object.entries(reasons).map(([why, n]) => `  ${n} × ${why}`),
    `first text  ${latencyText(report.firstMs)}`,
    `whole       ${latencyText(report.tookMs)}`,
    ...(frames === undefined
      ? []
      : [`frames      ${frames.arrived} arrived, ${frames.lost} lost, ${frames.overflowed} overflowed`]),
    ...report.faults.flatMap(faultLines),
  ]
}

function faultLines({ kind, at, for: seconds, targets, during, underWay, mesh }: FaultReport): readonly string[] {
  const until = seconds === undefined ? '' : ` for ${seconds} s`
  return [
    `at ${at} s    ${kind} ${targets.join(', ')}${until}`,
    `  under way there  ${endsText(underWay)}, ${underWay.continued} went on elsewhere`,
    `  asked meanwhile  ${endsText(during)}`,
    ...(mesh === undefined ? [] : [`  afterwards       ${meshText(mesh)}`]),
  ]
}

function endsText({ asked, well, wrong, error, lost }: EndCounts): string {
  return `${asked}: ${well} well, ${wrong} wrong, ${error} error, ${lost} lost`
}

function meshText({ wholeMs, ways, shut }: MeshState): string {
  if (wholeMs !== undefined) return `all ${ways} ways open after ${(wholeMs / 1_000).toFixed(1)} s`
  return `${shut.length} of ${ways} ways stayed shut: ${shut.slice(0, 8).join(', ')}${shut.length > 8 ? ', …' : ''}`
}

function latencyText({ p50, p95, p99, max }: Latencies): string {
  return `p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms, longest ${max} ms`
}
