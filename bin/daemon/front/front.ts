/** The gateway of a daemon, what its operator may do, and what keeps its keys, their use and its certificate. */

import type { LoadedConfig } from '../../../config/file/load-config.ts'
import type { NodeConfig } from '../../../config/schema/node-schema.ts'
import type { RentAHalConfig } from '../../../config/schema/rentahal-schema.ts'
import type { Logger } from '../../../core/logger.ts'
import { systemClock } from '../../../core/run/clock.ts'
import type { Startable } from '../../../core/run/startable.ts'
import { messageOf } from '../../../core/thrown.ts'
import type { OperatorActs } from '../../../gateway/admin/operator-acts.ts'
import { createGateway, type Gateway, type GatewayInit } from '../../../gateway/gateway.ts'
import { PageFolder } from '../../../gateway/rentahal/page/page-folder.ts'
import type { PageInit } from '../../../gateway/rentahal/page/page-routes.ts'
import { adminTokenHash, loadOrCreateAdminToken } from '../../../home/admin-token.ts'
import type { HomeFolder } from '../../../home/home-folder.ts'
import type { ReloadReport } from '../../../node/api/config-control.ts'
import type { RealmeshNode } from '../../../node/realmesh-node.ts'
import { packageVersion } from '../../cli/version.ts'
import { type CertificateFiles, type ReadCertificate, readCertificate } from './certificate.ts'
import { CertificateKeeper } from './certificate-keeper.ts'
import { GatewayKeys, readGatewayKeys } from './gateway-keys.ts'
import { KeyUsageKeeper, readKeyUsage } from './key-usage-keeper.ts'

/**
 * How long running answers may take to end after the first signal: most do, and service managers wait a little longer
 * by themselves.
 */
export const DRAIN_MS = 30_000

export interface FrontComponents {
  readonly node: RealmeshNode
  readonly log: Logger
  /** Told before the gateway shows another certificate: of all that it may show from then on. */
  readonly knowCertificates: (fingerprints: readonly string[]) => Promise<void>
}

export interface Front {
  readonly gateway: Gateway
  readonly control: OperatorActs
  /** Of the certificate at the start, where the gateway speaks TLS. */
  readonly fingerprints: readonly string[] | undefined
  /** To be started once the gateway listens, and stopped with it. */
  readonly parts: readonly Startable[]
}

/** Nothing listens before the gateway is started. Throws what is wrong with files of keys and certificates. */
export async function frontOf(
  { node, log, knowCertificates }: FrontComponents,
  { config }: LoadedConfig,
  home: HomeFolder,
  serves: GatewayInit['serves'] = 'queries',
): Promise<Front> {
  const { http, apiKeyFile, allowedHosts, allowedOrigins, trustedProxies, rentahal } = config.node
  const keyFile = apiKeyFile ?? home.apiKeys
  const apiKeys = await readGatewayKeys(keyFile)
  const tokensBefore = await readKeyUsage(home.keyUsageFile, log)
  const adminToken = await loadOrCreateAdminToken(home)
  const files = certificateFiles(config.node)
  const certificate = files === undefined ? undefined : await readCertificate(files)
  const page = await pageOf(rentahal)

  const gatewayKeys = new GatewayKeys(
    { gateway: { takeKeys: (keys) => gateway.takeKeys(keys), keyUsage: () => gateway.keyUsage() }, log },
    { file: keyFile, host: http.host },
    apiKeys,
  )
  let shown = certificate
  const take = async (next: ReadCertificate): Promise<void> => {
    await knowCertificates([shown, next].flatMap((each) => each?.fingerprint ?? []))
    gateway.takeCertificate(next)
    shown = next
  }
  const certificates =
    files === undefined || certificate === undefined
      ? undefined
      : new CertificateKeeper({ take, clock: systemClock, log }, files, certificate)
  const reload = async (): Promise<ReloadReport> => {
    const report = await node.control.config.reload()
    const ended = await Promise.allSettled([gatewayKeys.reload(), certificates?.reload()])
    const problems = ended.flatMap((end) => (end.status === 'rejected' ? [messageOf(end.reason)] : []))
    return tellReload({ ...report, problems: [...report.problems, ...problems] }, log)
  }
  const control: OperatorActs = { ...node.control, config: { ...node.control.config, reload }, keys: gatewayKeys }
  const gateway = createGateway(
    { node, control, log },
    {
      ...http,
      apiKeys,
      tokensBefore,
      certificate,
      page,
      trustedProxies,
      openToVisitors: rentahal.visitors === 'open',
      adminTokenHash: adminTokenHash(adminToken),
      allowedHosts,
      allowedOrigins,
      version: packageVersion(),
      serves,
      drainMs: DRAIN_MS,
    },
  )
  const usage = new KeyUsageKeeper({ gateway, clock: systemClock, log }, home.keyUsageFile, tokensBefore)
  const fingerprints = certificate === undefined ? undefined : [certificate.fingerprint]
  return { gateway, control, fingerprints, parts: certificates === undefined ? [usage] : [usage, certificates] }
}

async function pageOf({ page, root }: RentAHalConfig): Promise<PageInit | undefined> {
  return page === undefined ? undefined : { folder: await PageFolder.open(page), root }
}

function certificateFiles({ tlsCert: cert, tlsKey: key }: NodeConfig): CertificateFiles | undefined {
  return cert === undefined || key === undefined ? undefined : { cert, key }
}

/** In the log as to who asked for it: the terminal of the node is where its owner looks. */
function tellReload(report: ReloadReport, log: Logger): ReloadReport {
  const { applied, restart, problems } = report
  for (const problem of problems) log.warn({}, problem)
  if (restart.length > 0) log.warn({ restart }, 'these changes wait for a restart')
  log.info(
    { applied },
    applied.length === 0 ? 'configuration read again: nothing changed' : 'these changes are in force',
  )
  return report
}
