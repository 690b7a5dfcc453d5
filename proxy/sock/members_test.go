package sock

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"
)

func TestFramesOfAClientAreWrittenAsEncodingJSONWritesThem(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		var f frame
		fill(r, reflect.ValueOf(&f).Elem())
		f.Answer, f.View, f.Type = nil, nil, typeAsk // these are a server's
		want, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		got, err := encode(f)
		if err != nil || string(got) != string(want)+"\n" {
			t.Fatalf("got  %s, %v\nwant %s", got, err, want)
		}
	}
}
