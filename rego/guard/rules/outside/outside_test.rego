package guard.rules.outside_test

import data.guard.fixture

test_scheduler if "shell.delegated" in fixture.ids([{"name": "systemd-run", "args": ["--user", "rm"]}])

test_scheduler_help if fixture.ids([{"name": "systemd-run", "args": ["--help"]}]) == set()

test_typing_into_tmux if "shell.send_keys" in fixture.ids([{"name": "tmux", "args": ["send-keys", "rm -rf /", "Enter"]}])

test_listing_tmux if not "shell.send_keys" in fixture.ids([{"name": "tmux", "args": ["ls"]}])

test_agent_without_brakes if "agent.unguarded" in fixture.ids([{"name": "claude", "flags": ["dangerously-skip-permissions"]}])

test_agent_with_brakes if not "agent.unguarded" in fixture.ids([{"name": "claude", "flags": ["p"]}])

test_terminal_sessions_ended if {
	"process.kill_sessions" in fixture.ids([{"name": "tmux", "args": ["kill-server"]}])
	"process.kill_sessions" in fixture.ids([{"name": "zellij", "args": ["kill-all-sessions", "-y"]}])
	not "process.kill_sessions" in fixture.ids([{"name": "tmux", "args": ["kill-session", "-t", "build"]}])
	not "process.kill_sessions" in fixture.ids([{"name": "tmux", "flags": ["L"], "args": ["-L", "test", "kill-server"]}])
}

test_agent_without_brakes_by_a_value if {
	"agent.unguarded" in fixture.ids([{"name": "claude", "options": [{"name": "permission-mode", "value": "bypassPermissions"}]}])
	"agent.unguarded" in fixture.ids([{"name": "copilot", "flags": ["allow-all-tools"]}])
	not "agent.unguarded" in fixture.ids([{"name": "claude", "options": [{"name": "permission-mode", "value": "plan"}]}])
}
