#!/bin/sh
# Puts the rules of cache-rules.json into a zone and turns Tiered Cache on. Rules of the zone that are not ours stay as
# they are, and before ours. Running it again changes nothing.
#
#   CLOUDFLARE_API_TOKEN=… ./apply.sh ZONE_ID
#   CLOUDFLARE_API_TOKEN=… ./apply.sh --dry-run ZONE_ID      print the ruleset that would be put, change nothing
#
# The token needs Zone / Cache Rules / Edit and Zone / Zone Settings / Edit for that zone. Needs curl and jq.
set -eu

usage() {
    echo "usage: CLOUDFLARE_API_TOKEN=… $0 [--dry-run] ZONE_ID" >&2
    exit 2
}

dry_run=
if [ "${1-}" = --dry-run ]; then
    dry_run=1
    shift
fi
[ $# -eq 1 ] && [ -n "${CLOUDFLARE_API_TOKEN-}" ] || usage
for program in curl jq; do
    command -v "$program" >/dev/null || { echo "$0: install $program first" >&2; exit 2; }
done

zone="${CLOUDFLARE_API:-https://api.cloudflare.com/client/v4}/zones/$1"
phase="$zone/rulesets/phases/http_request_cache_settings/entrypoint"
rules="$(dirname "$0")/cache-rules.json"
body=$(mktemp)
trap 'rm -f "$body"' EXIT

# ask METHOD URL [BODY]: leaves the answer in $body and prints the status.
ask() {
    curl --silent --show-error --output "$body" --write-out '%{http_code}' --request "$1" "$2" \
        --header @- ${3+--header 'Content-Type: application/json' --data "$3"} <<HEADERS
Authorization: Bearer $CLOUDFLARE_API_TOKEN
HEADERS
}

# expect STATUS WHAT: ends with the API's own words unless the status is 200.
expect() {
    [ "$1" = 200 ] && return
    echo "$0: $2 failed with status $1:" >&2
    jq -r '.errors[]? | "  \(.code): \(.message)"' "$body" >&2 || cat "$body" >&2
    exit 1
}

status=$(ask GET "$phase")
# 404: the zone has no rule in this phase yet.
if [ "$status" = 404 ]; then
    echo '{}' >"$body"
else
    expect "$status" "reading the zone's cache rules"
fi
# What the API adds to a rule it does not take back.
ruleset=$(jq --slurpfile ours "$rules" '
    [.result.rules[]? | select((.ref // "") | startswith("watchparty_") | not) | del(.version, .last_updated)] as $others
    | $ours[0] | .rules = $others + .rules' "$body")

if [ -n "$dry_run" ]; then
    printf '%s\n' "$ruleset"
    exit
fi
expect "$(ask PUT "$phase" "$ruleset")" "writing the cache rules"
expect "$(ask PATCH "$zone/argo/tiered_caching" '{"value":"on"}')" "turning Tiered Cache on"
expect "$(ask PATCH "$zone/cache/tiered_cache_smart_topology_enable" '{"value":"on"}')" "choosing its smart topology"
echo "The rules are in force, and Tiered Cache is on. Look with: splitter check https://your.site/media/current/manifest.json"
