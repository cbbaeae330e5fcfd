# SPDX-License-Identifier: LGPL-2.1-or-later
# From the results, an array of what "one" prints, to the page.

def percent(of): if of == 0 then 0 else . * 1000 / of | round / 10 end;
def count(f): [.[] | select(f)] | length;
def figure: if . == null then "" else . * 10 | round / 10 | tostring end;
def kib: if . == null then "" else . / 102.4 | round / 10 | tostring end;
def cell: tostring | gsub("[|\n]"; " ");

def summary:
	length as $n | count(.result == "applied") as $a
	| "\($n) fixes: \($a) applied (\($a | percent($n)) %), \(count(.result == "refused")) refused, "
	  + "\(count(.result == "wrong")) wrong, \(count(.result == "not built")) base not built";

def only_code: map(select(.class == "code_only" or .class == "code+new_function"));

def row:
	[.id, .class, .result, .functions // "", .processes // "", (.lp_bytes | kib), (.build_s | figure),
	 (.apply_s | figure), (.disable_s | figure),
	 (if .text == "" then "" else "\(.reason): \(.text[0:300])" end)]
	| "| " + (map(cell) | join(" | ")) + " |";

def section:
	"## \(.[0].tree)", "", "\(.[0].note // ""): \(count(.result == "applied")) of \(length) applied", "",
	"| fix | changes | result | functions | processes | .lp KiB | build s | apply s | disable s | why |",
	"|---|---|---|---|---|---|---|---|---|---|",
	(.[] | row), "";

def page:
	"# Real security fixes", "",
	"Made by `make corpus`: each fix is built from its diff, applied to the running program under load,",
	"and taken out again.", "", summary,
	"Those that change code only: " + (only_code | summary), "",
	(group_by(.tree)[] | section);

if $what == "summary" then summary else page end
