package state

import "testing"

func TestASnapshotFromBeforeWrappersWereSeenThroughIsRead(t *testing.T) {
	s, err := Restore([]byte(`{"next":0,"sessions":{"s_1":{"session":"s_1","images":["r_1"]},"s_2":{"session":"s_2","images":[{"request":"r_2","pid":7,"since":9,"wraps":"h"}]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if i, own := s.Sessions["s_1"].Image("r_1"); !own || i.PID != 0 {
		t.Errorf("got %+v %v, want the main process's", i, own)
	}
	if i, own := s.Sessions["s_2"].Image("r_2"); !own || i != (Image{"r_2", 7, 9, "h"}) || !s.Sessions["s_2"].Own(7, 9) || s.Sessions["s_2"].Own(7, 8) {
		t.Errorf("got %+v %v", i, own)
	}
}
