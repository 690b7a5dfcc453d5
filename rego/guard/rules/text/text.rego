# METADATA
# title: Free text
# description: |
#   A person at risk in what they write (REQUIREMENTS S1-30 to S1-34). Only free
#   text is looked at: a command that searches for such words is not a person
#   who says them. The one place with regular expressions over a line, and the
#   one whose verdict offers help and never an approval.
package guard.rules.text

# METADATA
# title: A person at risk
# description: |
#   The message names no words of the text, which must not get into a receipt.
# custom:
#   id: text.crisis
#   remedy: talk to somebody now; the places named here answer at any hour
#   fires: {text: I want to die}
#   quiet: {text: how do I kill a process}
hit contains {
	"id": "text.crisis", "tier": 4, "verdict": "crisis", "stage": -1,
	"msg": "a person may be at risk",
} if {
	input.cmd.kind == "text"
	_at_risk(input.cmd.raw)
}

_at_risk(text) if regex.match(`(?i)\b(kill(ing)?|end(ing)?)\s+(myself|my\s+(own\s+)?life)\b`, text)

_at_risk(text) if regex.match(`(?i)\b(want|wanna)\s+(to\s+)?die\b`, text)

_at_risk(text) if regex.match(`(?i)\bsuicidal\b`, text)

_at_risk(text) if regex.match(`(?i)\bwant\s+to\s+end\s+(it|everything|my\s+life)\b`, text)

_at_risk(text) if regex.match(`(?i)\bno\s+reason\s+to\s+live\b`, text)

_at_risk(text) if regex.match(`(?i)\bbetter\s+off\s+dead\b`, text)

_at_risk(text) if regex.match(`(?i)\bwish\s+i\s+(was|were)\s+dead\b`, text)

_at_risk(text) if regex.match(`(?i)\bhow\s+(do\s+i|to|can\s+i)\s+(kill\s+myself|hang\s+myself|cut\s+myself|overdose)\b`, text)

_at_risk(text) if regex.match(`(?i)\bmethods?\s+(of|for)\s+(suicide|dying)\b`, text)
