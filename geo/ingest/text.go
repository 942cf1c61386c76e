package ingest

import "strings"

// Clean is a text for a line of a terminal: without line ends, control characters and
// marks that turn the direction of text.
func Clean(s string) string { return strings.Map(visible, strings.ToValidUTF8(s, "�")) }

// clip shortens a text for a message, and takes out of it what would disturb a
// terminal.
func clip(s string) string {
	const most = 60
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n++; n > most {
			return b.String() + "…"
		}
		b.WriteRune(visible(r))
	}
	return b.String()
}

// visible is r, or a mark in place of a control character or one that turns the
// direction of text.
func visible(r rune) rune {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0xfeff:
		return '�'
	}
	return r
}
