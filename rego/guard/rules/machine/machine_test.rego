package guard.rules.machine_test

import data.guard.fixture

_words(words) := fixture.args(words[0], array.slice(words, 1, count(words)))

test_devices if {
	every words in [
		["fastboot", "flashing", "unlock"], ["fastboot", "-w"], ["esptool.py", "--chip", "esp32", "--port", "/dev/ttyUSB0", "erase_flash"],
		["espefuse.py", "--port", "/dev/ttyUSB0", "--do-not-confirm", "burn_key", "BLOCK_KEY0"], ["avrdude", "-c", "usbasp", "-U", "lfuse:w:0xff:m"],
		["ipmitool", "-H", "bmc", "chassis", "power", "off"], ["pio", "run", "-e", "esp32", "-t", "erase"],
	] {
		"machine.firmware" in fixture.ids(_words(words))
	}
}

test_devices_looked_at if {
	every words in [
		["fastboot", "devices"], ["fastboot", "getvar", "all"], ["esptool.py", "chip_id"], ["avrdude", "-U", "flash:w:main.hex"], ["ipmitool", "chassis", "power", "status"],
		["pio", "run", "-t", "upload"], ["adb", "install", "app.apk"],
	] {
		not "machine.firmware" in fixture.ids(_words(words))
	}
}

test_virtual_machines if {
	every words in [["virsh", "-c", "qemu:///system", "undefine", "vm1"], ["VBoxManage", "controlvm", "web", "poweroff"], ["VBoxManage", "snapshot", "web", "restore", "s1"], ["qm", "destroy", "100"]] {
		"machine.virtual" in fixture.ids(_words(words))
	}
	every words in [["virsh", "list"], ["virsh", "dominfo", "vm1"], ["VBoxManage", "snapshot", "web", "list"], ["qemu-img", "info", "destroy"]] {
		not "machine.virtual" in fixture.ids(_words(words))
	}
}

test_settings if {
	every words in [["bluetoothctl", "power", "off"], ["nvidia-smi", "-pl", "200"], ["dpkg-reconfigure", "tzdata"], ["nginx", "-s", "reload"]] {
		"machine.settings" in fixture.ids(_words(words))
	}
	every words in [["bluetoothctl", "devices"], ["nvidia-smi", "-q"], ["dpkg-reconfigure"], ["nginx", "-c", "dev.conf"], ["dpkg-reconfigure", "--help"]] {
		not "machine.settings" in fixture.ids(_words(words))
	}
}
