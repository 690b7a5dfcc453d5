package guard.tier_test

import data.guard.fixture.ids

test_accounts if "system.accounts" in ids(_args("userdel", ["-r", "dev"]))

test_accounts_help if not "system.accounts" in ids(_args("userdel", ["--help"]))

test_sudoers if "system.sudoers" in ids([{"name": "visudo"}])

test_sudoers_check if ids([{"name": "visudo", "flags": ["c"]}]) == set()

test_kernel if {
	"system.kernel" in ids([{"name": "sysctl", "flags": ["w"], "operands": ["a=b"]}])
	"system.kernel" in ids(_args("modprobe", ["x"]))
}

test_kernel_read if not "system.kernel" in ids([{"name": "sysctl", "operands": ["kernel.hostname"]}])

test_firewall if {
	"system.firewall" in ids([{"name": "iptables", "flags": ["F"], "args": ["-F"]}])
	"system.firewall" in ids(_args("ip", ["link", "set", "eth0", "down"]))
}

test_firewall_list if not "system.firewall" in ids([{"name": "iptables", "flags": ["L", "n"], "args": ["-L", "-n"]}])

test_mount if "system.mount" in ids(_args("umount", ["/mnt"]))

test_mount_list if not "system.mount" in ids([{"name": "mount"}])

test_crontab if {
	"system.crontab" in ids([{"name": "crontab", "flags": ["r"], "args": ["-r"]}])
	"system.crontab" in ids(_args("crontab", ["file"]))
}

test_crontab_list if not "system.crontab" in ids([{"name": "crontab", "flags": ["l"], "args": ["-l"]}])

test_clock if "system.clock" in ids([{"name": "date", "flags": ["s"], "args": ["-s", "x"]}])

test_date if ids([{"name": "date", "args": ["+%s"]}]) == set()
