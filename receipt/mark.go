package receipt

import (
	"encoding/json"
	"fmt"
	"slices"
)

// DrillTag is on every receipt of a drill.
const DrillTag = "DRILL"

// marked is a body that names the drill it belongs to.
type marked struct {
	body  any
	drill string
}

// MarshalJSON adds the member drill_id.
func (m marked) MarshalJSON() ([]byte, error) {
	text, err := json.Marshal(m.body)
	if err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil || members == nil {
		return nil, fmt.Errorf("the body is not an object (%w)", err)
	}
	if members["drill_id"], err = json.Marshal(m.drill); err != nil {
		return nil, err
	}
	return json.Marshal(members)
}

// mark makes a draft one of the log's drill.
func (l *Log) mark(d Draft) Draft {
	d.Tags = append(slices.Clip(d.Tags), DrillTag)
	d.Body = marked{d.Body, l.drill}
	return d
}

// about prepares a receipt of the log about itself.
func (l *Log) about(kind string, body any) (prepared, error) {
	d := Draft{Type: kind, Scroll: ScrollLog, Body: body}
	if l.drill != "" {
		d = l.mark(d)
	}
	return prepare(d, nil)
}
