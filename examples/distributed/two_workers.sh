#!/usr/bin/env bash
# Two workers on this machine train one DCGAN on digits; run it again with more steps to go on.
set -euo pipefail
steps=${1:-100}
workers=()
cluster='"cluster": {"worker": ["127.0.0.1:20431", "127.0.0.1:20432"]}'
for index in 0 1; do
    TF_CONFIG="{$cluster, \"task\": {\"type\": \"worker\", \"index\": $index}}" \
        keras-gans train dcgan --data digits --set filters=16 --steps "$steps" \
        --strategy multi_worker --checkpoint-steps 50 --resume --output runs/two_workers &
    workers+=($!)
done
for worker in "${workers[@]}"; do wait "$worker"; done
