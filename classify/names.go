package classify

import "strings"

// roles lists the names under which one program file is called, where they say
// what it does. "*" stands for any name.
var roles = map[string]string{
	"busybox": "*", "toybox": "*", "coreutils": "*",
	"systemctl":  "reboot shutdown halt poweroff telinit runlevel init",
	"pgrep":      "pkill pidwait",
	"killall5":   "pidof",
	"kmod":       "modprobe lsmod insmod rmmod depmod modinfo",
	"e2fsck":     "fsck.ext2 fsck.ext3 fsck.ext4",
	"mke2fs":     "mkfs.ext2 mkfs.ext3 mkfs.ext4",
	"tune2fs":    "e2label findfs",
	"dosfsck":    "fsck.fat fsck.vfat",
	"xz":         "unxz xzcat lzma unlzma lzcat",
	"bzip2":      "bunzip2 bzcat",
	"zstd":       "unzstd zstdcat zstdmt",
	"unzip":      "zipinfo",
	"vim.basic":  vimNames,
	"vim.tiny":   vimNames,
	"vim.nox":    vimNames,
	"vim.gtk3":   vimNames,
	"vim":        vimNames,
	"nvim":       vimNames,
	"nano":       "editor pico rnano",
	"less":       "pager",
	"nc.openbsd": "nc netcat", "nc.traditional": "nc netcat", "ncat": "nc netcat",
	"which.debianutils":    "which",
	"original-awk":         "awk",
	"gcc":                  "cc c89 c99",
	"g++":                  "c++",
	"clang":                "cc clang++ c++",
	"ccache":               "cc c++ gcc g++ clang clang++",
	"ld.bfd":               "ld",
	"ld.gold":              "ld gold",
	"rustup":               "cargo rustc rustdoc rustfmt cargo-clippy cargo-fmt clippy-driver rust-analyzer",
	"git":                  "git-upload-pack git-receive-pack git-upload-archive git-shell",
	"mariadb":              "mysql",
	"mariadb-dump":         "mysqldump",
	"mariadb-admin":        "mysqladmin",
	"xtables-nft-multi":    "iptables ip6tables iptables-save ip6tables-save iptables-restore ip6tables-restore iptables-nft ip6tables-nft",
	"xtables-legacy-multi": "iptables ip6tables iptables-save ip6tables-save iptables-restore ip6tables-restore iptables-legacy ip6tables-legacy",
	"bsdtar":               "tar",
	"gpg":                  "gpg2",
}

const vimNames = "vi vim view ex rvim rview vimdiff editor"

// SameProgram reports whether a program file of that name is the one that is
// meant by a name: vi is vim.basic, python3 is python3.11, and ls is busybox. Where
// a file acts by the name that it is called by, the name says what it is.
func SameProgram(name, file string) bool {
	name, file = tool(name), tool(file)
	names := roles[file]
	return name == file || family(name) == family(file) || names == "*" && name != "" || hasWord(names, name)
}

// tool is a tool's name without the platform and the version that
// distributions add: x86_64-linux-gnu-gcc-12 is gcc.
func tool(name string) string {
	if _, own, ok := strings.Cut(name, "-linux-gnu-"); ok {
		name = own
	}
	if i := strings.LastIndexByte(name, '-'); i > 0 && i+1 < len(name) && strings.Trim(name[i+1:], "0123456789.") == "" {
		name = name[:i]
	}
	return name
}

// isLoader reports whether a program only loads the one in its first operand.
func isLoader(name string) bool {
	return name == "ld.so" || (strings.HasPrefix(name, "ld-linux") || strings.HasPrefix(name, "ld-musl") || strings.HasPrefix(name, "ld-2.") || strings.HasPrefix(name, "ld64.so")) && strings.Contains(name, ".")
}

// loader is how they read their words.
var loader = wrapper{
	long:  "library-path glibc-hwcaps-prepend glibc-hwcaps-mask inhibit-rpath audit preload argv0",
	unset: "list verify help version list-tunables list-diagnostics",
}
