#!/bin/sh
# The main job, shown: a million payments with planted fraud, judged once undisturbed and once with a kill -9 in the middle.
# usage: demo.sh FOLDER_OF_THE_EXAMPLES [PAYMENTS]
set -eu
job=$1/fraud_detection
payments=${2:-1000000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
progress=
if [ -t 2 ]; then progress=--progress; fi

echo "Generating $payments payments with planted fraud ..."
"$job" --input "$folder/payments.csv" --generate "$payments" --seed 2026

echo
echo "1. Undisturbed:"
"$job" --input "$folder/payments.csv" --output "$folder/one.jsonl" --late "$folder/one.late.jsonl" \
  --state "$folder/one" --checkpoint-every 200ms $progress

echo
echo "2. Killed (SIGKILL) after $((payments * 6 / 10)) payments, then started again:"
"$job" --input "$folder/payments.csv" --output "$folder/two.jsonl" --late "$folder/two.late.jsonl" \
  --state "$folder/two" --checkpoint-every 200ms --crash-after $((payments * 6 / 10)) $progress && {
  echo "the job did not die" >&2
  exit 1
}
echo "   killed; committed so far: $(cat "$folder/two.jsonl" 2>/dev/null | wc -l) alerts"
"$job" --input "$folder/payments.csv" --output "$folder/two.jsonl" --late "$folder/two.late.jsonl" \
  --state "$folder/two" --checkpoint-every 200ms $progress

echo
for rule in rapid_spend many_countries declined_then_approved; do
  printf '%7d alerts of %s\n' "$(grep -c "\"rule\":\"$rule\"" "$folder/one.jsonl")" "$rule"
  grep -m 2 "\"rule\":\"$rule\"" "$folder/one.jsonl" | sed 's/^/          /'
done
printf '%7d late, for example\n' "$(wc -l < "$folder/one.late.jsonl")"
head -n 2 "$folder/one.late.jsonl" | sed 's/^/          /'

echo
same() {
  sort "$folder/one$1" > "$folder/one.sorted"
  sort "$folder/two$1" > "$folder/two.sorted"
  cmp -s "$folder/one.sorted" "$folder/two.sorted"
}
if same .jsonl && same .late.jsonl; then
  echo "Both runs gave the same alerts and the same late payments: each exactly once, kill or no kill."
else
  echo "THE RUNS DIFFER" >&2
  exit 1
fi
