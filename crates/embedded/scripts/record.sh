#!/usr/bin/env bash
# Records from a real cluster of the pinned version what the embedded one serves unchanged, into crates/embedded/data:
#   version.json     /version
#   columns.tsv      the columns of every resource's table: one line a resource, its name and its columnDefinitions
#   discovery.json   aggregated discovery (core and groups), to compare with: not served
#   openapi.tar.xz   /openapi/v2 and every document of /openapi/v3
# Usage: KUBECONFIG=… crates/embedded/scripts/record.sh     (needs kubectl, curl, jq, xz; changes nothing in the cluster)
set -euo pipefail
cd "$(dirname "$0")/../data"
port=8901
kubectl proxy --port="$port" >/dev/null & proxy=$!
trap 'kill "$proxy"; rm -rf "${work:-}"' EXIT
base="http://127.0.0.1:$port"
until curl -sf "$base/version" >/dev/null; do sleep 0.1; done
curl -sf "$base/version" >version.json
v2='application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
for path in api apis; do curl -sf -H "Accept: $v2" "$base/$path" | jq -cS .; done >discovery.json
table='application/json;as=Table;v=v1;g=meta.k8s.io'
jq -r '.items[] | .metadata.name as $g | .versions[:1][] | .version as $v | .resources[] | select(.verbs | index("list"))
       | [$g // "", $v, .resource] | @tsv' discovery.json | while IFS= read -r line; do
  group="${line%%$'\t'*}"; rest="${line#*$'\t'}"; version="${rest%%$'\t'*}"; resource="${rest#*$'\t'}"
  root="apis/$group/$version"; [ -n "$group" ] || root="api/$version"
  curl -sf -H "Accept: $table" "$base/$root/$resource?limit=1" |
    jq -cS --arg r "$resource${group:+.$group}" -r '$r + "\t" + (.columnDefinitions | tojson)'
done >columns.tsv
work=$(mktemp -d)
mkdir -p "$work/v3"
curl -sf "$base/openapi/v2" >"$work/v2.json"
curl -sf "$base/openapi/v3" >"$work/v3.json"
jq -r '.paths | to_entries[] | [.key, .value.serverRelativeURL] | @tsv' "$work/v3.json" | while IFS=$'\t' read -r path url; do
  mkdir -p "$work/v3/$(dirname "$path")"
  curl -sf "$base$url" >"$work/v3/$path.json"
done
tar -C "$work" --sort=name --owner=0 --group=0 --mtime=@0 -c v2.json v3.json v3 | xz -9e >openapi.tar.xz
