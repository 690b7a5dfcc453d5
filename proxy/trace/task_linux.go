package trace

import (
	"bytes"
	"os"
	"strconv"
)

// look reads /proc/PID/stat (proc_pid_stat(5)). The name, second of its fields,
// may contain anything, so fields are counted from its end.
func look(pid int) (Task, bool) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return Task{}, false
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 20 {
		return Task{}, false
	}
	parent, errParent := strconv.Atoi(string(fields[1]))
	start, errStart := strconv.ParseUint(string(fields[19]), 10, 64)
	return Task{Parent: parent, Start: start, State: fields[0][0]}, errParent == nil && errStart == nil
}
