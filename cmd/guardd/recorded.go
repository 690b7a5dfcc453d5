package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/proxy/sock"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
)

// explainReceipt says what a receipt records: for a decision, everything that
// weighed in it.
func explainReceipt(w io.Writer, number string, asJSON bool) error {
	jseq, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		return &exit{exitUsage, fmt.Sprintf("%q is not the number of a receipt", number)}
	}
	dir, err := sock.StateDir()
	if err != nil {
		return err
	}
	for r, err := range receipt.Read(filepath.Join(dir, "receipts"), jseq) {
		if err != nil {
			return err
		}
		if r.Chain.JSeq != jseq {
			break
		}
		if asJSON {
			_, err := fmt.Fprintf(w, "%s\n", r.Line)
			return err
		}
		return renderReceipt(w, r)
	}
	return &exit{exitNo, fmt.Sprintf("there is no receipt %d; guard log lists those that are", jseq)}
}

func renderReceipt(w io.Writer, r receipt.Receipt) error {
	if r.Type != state.CommandDecision {
		_, err := fmt.Fprintf(w, "receipt     %d, %s, %s\n%s\n", r.Chain.JSeq, r.Type, r.Time.Local().Format("2006-01-02 15:04:05"), r.Body)
		return err
	}
	var d state.Decided
	if err := r.Decode(&d); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "receipt     %d, %s, session %s, agent %s\n", r.Chain.JSeq, r.Time.Local().Format("2006-01-02 15:04:05"), d.Session, d.Agent)
	what := d.Display
	if d.Kind == "text" {
		what = "(text; free text is never kept)"
	}
	fmt.Fprintf(&b, "%-11s %s\n%-11s %s\n", d.Kind, proxy.Visible(what), "cwd", proxy.Visible(d.Cwd))
	for _, f := range d.Findings {
		fmt.Fprintf(&b, "   %-8s %-26s %s\n", f.Tier, f.ID, proxy.Visible(f.Msg))
		if f.Hint != "" {
			fmt.Fprintf(&b, "   %-8s %s\n", "instead", f.Hint)
		}
	}
	for _, x := range d.Reliefs {
		fmt.Fprintf(&b, "   %-8s %-26s %s: %s no longer weighs in the verdict\n", "relief", x.ID, proxy.Visible(x.Why), x.Finding)
	}
	rows := make([]string, len(d.Rows))
	for i, row := range d.Rows {
		rows[i] = fmt.Sprintf("%s %s: %s", row.ID, row.Level, row.Verdict)
	}
	fmt.Fprintf(&b, "%-11s %s\n%-11s %s\n%-11s %s\n", "tier", d.Label, "rows", strings.Join(rows, "   "), "verdict", d.Verdict)
	if d.Hold != "" {
		fmt.Fprintf(&b, "%-11s %s\n", "hold", d.Hold)
	}
	if d.Note != "" {
		fmt.Fprintf(&b, "%-11s %s\n", "note", d.Note)
	}
	fmt.Fprintf(&b, "%-11s revision %.12s, profile %s, trust %s\n", "policy", d.Revision, d.Profile, d.Trust)
	_, err := io.WriteString(w, b.String())
	return err
}
