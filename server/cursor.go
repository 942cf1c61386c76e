package server

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"clustermap/geo"
)

// A cursor says after which feature a page begins and of which query. It is
// base64url without padding of
//
//	version 1 | kind of id: 's' string, 'n' number | 8 bytes hash of the query | id | 4 bytes checksum
//
// It holds no secret: whoever forges one gets a page that he could have had by
// asking for it.
const (
	cursorVersion = 1
	cursorHead    = 2 + 8
	cursorSum     = 4
	maxCursor     = 16 << 10 // base64 characters; an id is far shorter
)

// formatCursor makes the cursor that continues the query after a feature.
func formatCursor(after geo.ID, query uint64) string {
	kind := byte('s')
	if after.IsNumber() {
		kind = 'n'
	}
	b := binary.BigEndian.AppendUint64([]byte{cursorVersion, kind}, query)
	b = append(b, after.String()...)
	return base64.RawURLEncoding.EncodeToString(append(b, checksum(b)...))
}

func parseCursor(s string, query uint64) (geo.ID, error) {
	damaged := invalid("cursor", "is damaged; take it whole from a next link, or leave it out to begin at the start")
	if len(s) > maxCursor {
		return geo.ID{}, damaged
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) < cursorHead+cursorSum || b[0] != cursorVersion {
		return geo.ID{}, damaged
	}
	body, sum := b[:len(b)-cursorSum], b[len(b)-cursorSum:]
	if string(sum) != string(checksum(body)) {
		return geo.ID{}, damaged
	}
	if binary.BigEndian.Uint64(body[2:]) != query {
		return geo.ID{}, invalid("cursor", "belongs to another query; leave it out to begin this one at the start")
	}
	id := string(body[cursorHead:])
	switch body[1] {
	case 's':
		return geo.StringID(id), nil
	case 'n':
		if n, err := geo.NumberID(id); err == nil {
			return n, nil
		}
	}
	return geo.ID{}, damaged
}

func checksum(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:cursorSum]
}

// queryHash tells queries apart: the collection and what selects its features,
// without the size and place of the page.
func queryHash(collection string, filter params) uint64 {
	b := append(make([]byte, 0, 128), collection...)
	for _, p := range filter {
		b = append(b, 0)
		b = append(b, p.name...)
		b = append(b, 0)
		b = append(b, p.value...)
	}
	sum := sha256.Sum256(b)
	return binary.BigEndian.Uint64(sum[:])
}
