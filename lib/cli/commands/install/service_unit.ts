import { SERVICE } from "./installation.ts";

/**
 * The systemd unit of a sensor. Its sandbox leaves the program what it needs: the
 * network, its database, reading what it is told to read.
 *
 * @param executable absolute path, as `serviceExecutable()` gives it
 */
export function serviceUnit(executable: string): string {
  return `# Written by \`${SERVICE} install\`, which writes it anew when it is run again.
# Changes of your own belong into \`systemctl edit ${SERVICE}\`.

[Unit]
Description=DECNET TTP: labels what honeypots saw with MITRE ATT&CK techniques
Wants=network-online.target
After=network-online.target nats-server.service nats.service

[Service]
Type=notify
ExecStart=${unitPath(executable)} run
ExecReload=/bin/kill -HUP $MAINPID
WorkingDirectory=%S/${SERVICE}

# Wrong settings (2) and rules (3) do not mend themselves; whatever else ends it, it comes back.
Restart=always
RestartSec=2s
RestartPreventExitStatus=2 3
# The first start unpacks the program, and the first one of a newer version brings a large database up
# to date, some ten seconds for a million tags. The watchdog is fed by the loop that works events off.
TimeoutStartSec=30min
WatchdogSec=60s
# The batch in hand, and five seconds for what waits to be announced.
TimeoutStopSec=30s

# A user of its own that exists while the service runs. For files that other programs write, such as
# mail that honeypots store, give it their group: SupplementaryGroups=. Secrets come with
# LoadCredential=, e.g. LoadCredential=nats.creds:/etc/decnet/nats.creds, and are then found at
# /run/credentials/${SERVICE}.service/nats.creds.
DynamicUser=yes
User=${SERVICE}
StateDirectory=${SERVICE}
StateDirectoryMode=0700
CacheDirectory=${SERVICE}
CacheDirectoryMode=0700
UMask=0077

MemoryHigh=384M
MemoryMax=512M
TasksMax=128
LimitCORE=0

NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
ProcSubset=pid
ProtectHostname=yes
ProtectClock=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
PrivateMounts=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
PrivateIPC=yes
DevicePolicy=closed
KeyringMode=private
RemoveIPC=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
# MemoryDenyWriteExecute is left out: the JavaScript engine makes machine code while it runs.

[Install]
WantedBy=multi-user.target
`;
}

/** A path as systemd.service(5) reads it in front of a command line, where `$` stands for itself. */
function unitPath(path: string): string {
  const escaped = path.replaceAll("%", "%%");
  return /^[\w./%$+-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}
