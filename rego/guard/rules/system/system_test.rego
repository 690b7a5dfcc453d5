package guard.rules.system_test

import data.guard.fixture

test_accounts if "system.accounts" in fixture.ids(fixture.args("userdel", ["-r", "dev"]))

test_accounts_help if not "system.accounts" in fixture.ids(fixture.args("userdel", ["--help"]))

test_sudoers if "system.sudoers" in fixture.ids([{"name": "visudo"}])

test_sudoers_check if fixture.ids([{"name": "visudo", "flags": ["c"]}]) == set()

test_kernel if {
	"system.kernel" in fixture.ids([{"name": "sysctl", "flags": ["w"], "operands": ["a=b"]}])
	"system.kernel" in fixture.ids(fixture.args("modprobe", ["x"]))
}

test_kernel_read if not "system.kernel" in fixture.ids([{"name": "sysctl", "operands": ["kernel.hostname"]}])

test_firewall if {
	"system.firewall" in fixture.ids([{"name": "iptables", "flags": ["F"], "args": ["-F"]}])
	"system.firewall" in fixture.ids(fixture.args("ip", ["link", "set", "eth0", "down"]))
}

test_firewall_list if not "system.firewall" in fixture.ids([{"name": "iptables", "flags": ["L", "n"], "args": ["-L", "-n"]}])

test_mount if "system.mount" in fixture.ids(fixture.args("umount", ["/mnt"]))

test_mount_list if not "system.mount" in fixture.ids([{"name": "mount"}])

test_crontab if {
	"system.crontab" in fixture.ids([{"name": "crontab", "flags": ["r"], "args": ["-r"]}])
	"system.crontab" in fixture.ids(fixture.args("crontab", ["file"]))
}

test_crontab_list if not "system.crontab" in fixture.ids([{"name": "crontab", "flags": ["l"], "args": ["-l"]}])

test_clock if "system.clock" in fixture.ids([{"name": "date", "flags": ["s"], "args": ["-s", "x"]}])

test_date if fixture.ids([{"name": "date", "args": ["+%s"]}]) == set()

test_clock_by_its_words if {
	every words in [["timedatectl", "set-time", "12:00"], ["hwclock", "--systohc"], ["ntpdate", "pool.ntp.org"]] {
		"system.clock" in fixture.ids(fixture.args(words[0], array.slice(words, 1, count(words))))
	}
	every words in [["timedatectl", "status"], ["hwclock", "--show"], ["ntpdate", "-q"]] {
		not "system.clock" in fixture.ids(fixture.args(words[0], array.slice(words, 1, count(words))))
	}
}
