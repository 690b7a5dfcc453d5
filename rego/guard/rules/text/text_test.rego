package guard.rules.text_test

import data.guard.fixture

_says(kind, text) if {
	asked := object.union(fixture.line([]), {"cmd": {"kind": kind, "raw": text}})
	some h in data.guard.tier.hit with input as asked
	h.id == "text.crisis"
	h.verdict == "crisis"
}

test_a_person_at_risk_is_heard if {
	every text in [
		"I want to kill myself", "thinking of killing myself", "I'll end my life", "kill my own life", "i want to die", "I wanna die",
		"I feel suicidal", "I want to end it", "I want to end everything", "there's no reason to live",
		"they'd be better off dead", "I wish I was dead", "wish i were dead", "how can I hang myself",
		"how do I cut myself", "how to overdose", "how to kill myself", "methods of suicide", "method of dying",
		"I want\nto die",
	] {
		_says("text", text)
	}
}

test_other_text_is_not_a_crisis if {
	every text in [
		"", "Hello, how are you?", "how do I kill a process", "the server wants to die gracefully",
		"end the session", "dead code", "reason to live-reload", "I want to end this loop",
	] {
		not _says("text", text)
	}
}

test_a_command_with_such_words_is_not_a_crisis if not _says("line", "grep -rn 'want to die' src/")
