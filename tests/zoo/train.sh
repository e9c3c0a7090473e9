#!/usr/bin/env bash
# A bash script with an option of its own, as wrappers around a training program have it.
set -euo pipefail
lr=1e-3
while [[ $# -gt 0 ]]; do
    case $1 in
    --lr) lr=$2 && shift 2 ;;
    *) echo "unknown option $1" >&2 && exit 2 ;;
    esac
done
weight=0
for epoch in {1..10}; do
    weight=$(awk -v w="$weight" -v lr="$lr" 'BEGIN { print w + 2 * lr * (3 - w) }')
    loss=$(awk -v w="$weight" 'BEGIN { printf "%.4f", (3 - w) ^ 2 }')
    echo "[epoch $epoch] val_loss: $loss"
    sleep 0.05
done
