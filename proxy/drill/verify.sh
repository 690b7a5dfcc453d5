#!/bin/sh
# verify.sh: checks the pack it lies in with jq, b3sum and awk alone. It says what
# it checked, or names the first bad line and ends with 1.
#
# The log of a drill has no signed checkpoint yet. What stands for it is
# scroll_roots in pack.json: keep that, or its digest, somewhere else.
set -eu
export LC_ALL=C
here=$(dirname "$0")
log=$here/receipts/journal-000000000000.jsonl
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
mkdir "$t/line" "$t/body"

# Each line is canonical, and ends in a newline; there is no second segment.
jq -cS . "$log" >"$t/canonical"
cmp "$log" "$t/canonical"
[ "$(find "$here/receipts" -name 'journal-*' | wc -l)" -eq 1 ]

# The digests: of each line without its newline, and of each body.
apart() { awk -v to="$1" '{ f = sprintf("%s/%09d", to, NR); printf "%s", $0 >f; close(f) }'; }
apart "$t/line" <"$log"
jq -cS .body "$log" | apart "$t/body"
for what in line body; do
	(cd "$t/$what" && ls | xargs b3sum | cut -c1-64) >"$t/$what.b3"
done

# What the lines say, beside what they should say; then where each scroll ends.
jq -r '[.chain.jseq, .scroll, .chain.seq, .chain.prev_hash[7:], .root_hash[7:]] | @tsv' "$log" |
	paste - "$t/body.b3" "$t/line.b3" | awk -F '\t' '
	function bad(line, what) { print "line " line ": " what; failed = 1; exit 1 }
	$1 != NR - 1 { bad(NR, "jseq") }
	$5 != $6 { bad(NR, "root_hash") }
	!($2 in last) { last[$2] = sprintf("%064d", 0); seq[$2] = 0 }
	$3 != seq[$2] { bad(NR, "seq") }
	$4 != last[$2] { bad($2 in at ? at[$2] : NR, "prev_hash") }
	{ last[$2] = $7; seq[$2] = $3 + 1; at[$2] = NR }
	END { if (!failed) for (scroll in last) print scroll "\t" seq[scroll] "\tblake3:" last[scroll] }' >"$t/heads" || {
	cat "$t/heads"
	exit 1
}
sort "$t/heads" >"$t/found"
jq -r '.scroll_roots | to_entries[] | [.key, .value.seq, .value.hash] | @tsv' "$here/pack.json" | sort >"$t/said"
cmp "$t/found" "$t/said"

# Everything is the drill's, and its results are those of pack.json.
id=$(jq -r .drill_id "$here/pack.json")
jq -e --arg id "$id" 'select((.tags | index("DRILL") | not) or .body.drill_id != $id or .chain.host != $id)' "$log" >"$t/foreign" && exit 1
jq -rs '[.[] | select(.type == "drill_result") | "drill_\(.body.drill) \(.body.pass)"] | sort[]' "$log" >"$t/results"
jq -r '[.pass_fail | to_entries[] | select(.value != null) | "\(.key) \(.value)"] | sort[]' "$here/pack.json" | cmp - "$t/results"

# The timeline tells each receipt but those about the log itself, and the denials
# are those of the timeline. (Their words guard verify checks.)
jq -r 'select(.scroll != "log") | [.chain.jseq, .type, .root_hash] | @tsv' "$log" >"$t/there"
jq -r '[.receipt, .type, .root_hash] | @tsv' "$here/timeline.jsonl" | cmp - "$t/there"
jq -c 'select(.denied)' "$here/timeline.jsonl" >"$t/denied"
jq -c . "$here/denials.jsonl" | cmp - "$t/denied"
echo "$id: $(wc -l <"$log") receipts, no gap, all of the drill"
