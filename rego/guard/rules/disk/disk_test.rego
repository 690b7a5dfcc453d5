package guard.rules.disk_test

import data.guard.fixture

test_raw_disk_write if "disk.raw_write" in fixture.ids(fixture.on("dd", fixture.path("write", "device", "/dev/sda", {})))

test_raw_disk_list if fixture.ids(fixture.on("ls", fixture.path("unknown", "device", "/dev/sda", {}))) == set()

test_device_write if "disk.device_write" in fixture.ids(fixture.on("cat", fixture.path("write", "device", "/dev/ttyUSB0", {})))

test_null_write if fixture.ids(fixture.on("echo", fixture.path("write", "null", "/dev/null", {}))) == set()

test_raw_disk_read if "disk.raw_read" in fixture.ids(fixture.on("dd", fixture.path("read", "device", "/dev/sda", {})))

test_raw_disk_stat if not "disk.raw_read" in fixture.ids(fixture.on("stat", fixture.path("read", "device", "/dev/sda", {})))

test_mkfs if {
	fixture.ids([{"name": "mkfs.ext4", "args": ["/dev/sda1"], "paths": [fixture.path("write", "device", "/dev/sda1", {})]}]) & {"disk.format", "disk.format_device"} == {"disk.format", "disk.format_device"}
}

test_mkfs_on_an_image if {
	found := fixture.ids([{"name": "mkfs.ext4", "args": ["disk.img"], "paths": [fixture.path("write", "workspace", "/home/dev/app/disk.img", {})]}])
	"disk.format" in found
	not "disk.format_device" in found
}

test_fdisk_list if not "disk.format" in fixture.ids([{"name": "fdisk", "flags": ["l"], "args": ["-l"]}])

test_a_table_is_only_printed if {
	sda := fixture.path("write", "device", "/dev/sda", {"raw": "/dev/sda"})
	parted := {"name": "parted", "paths": [sda], "operands": ["/dev/sda", "unit", "MiB", "print"], "args": ["/dev/sda", "unit", "MiB", "print"]}
	not "disk.raw_write" in fixture.ids([parted])
	"disk.raw_write" in fixture.ids([object.union(parted, {"operands": ["/dev/sda", "print", "rm", "1"], "args": ["/dev/sda", "print", "rm", "1"]})])
	"disk.raw_write" in fixture.ids([object.union(parted, {"operands": ["/dev/sda"], "args": ["/dev/sda"]})])
}
